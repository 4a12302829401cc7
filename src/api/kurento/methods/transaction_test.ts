import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../../test/kit/kurento_door.ts";

let open: TestDoor;
let client: DoorClient;

beforeEach(async () => {
  open = await openDoor();
  client = open.client();
});
afterEach(() => open.close());

const step = (id: number, method: string, params: unknown) => ({ id, jsonrpc: "2.0", method, params });
const pipelineStep = step(0, "create", { type: "MediaPipeline" });
const passThrough = (id: number, mediaPipeline = "newref:0") =>
  step(id, "create", { type: "PassThrough", constructorParams: { mediaPipeline } });

test("steps run in order and refer to what earlier ones made, anywhere in their params", async () => {
  const connect = { object: "newref:1", operation: "connect", operationParams: { sink: "newref:2" } };
  const { sessionId, value } = await client.call("transaction", {
    operations: [pipelineStep, passThrough(1), passThrough(2), step(3, "invoke", connect)],
  });
  expect(value.map((each: { id: number }) => each.id)).toEqual([0, 1, 2, 3]);
  expect(value.every((each: { result: { sessionId: string } }) => each.result.sessionId === sessionId)).toBe(
    true,
  );
  const [pipelineId] = open.house.commands.pipelineIds();
  const { elements, connections } = open.house.commands.getPipeline(pipelineId);
  expect(elements).toHaveLength(2);
  expect(connections.length).toBeGreaterThan(0);
  expect(value[1].result.value).toContain(`${value[0].result.value}/`);
});

test("the session is the outer one's, and fields that mean nothing are passed over", async () => {
  const params = { type: "MediaPipeline", sessionId: "other", object: { _events: {} } };
  const { sessionId } = await client.call("transaction", { operations: [step(0, "create", params)] });
  expect(sessionId).not.toBe("other");
  expect((await open.client().refusal("connect", { sessionId: "other" })).code).toBe(40007);
});

test("it stops at the first failure and undoes nothing", async () => {
  const { value } = await client.call("transaction", {
    operations: [pipelineStep, passThrough(1, "nowhere"), passThrough(2)],
  });
  expect(value).toHaveLength(2);
  expect(value[1]).toMatchObject({ id: 1, error: { code: 40101, message: "Object 'nowhere' not found" } });
  expect(open.house.commands.pipelineIds()).toHaveLength(1);
});

test.each([
  [[{ ...pipelineStep, id: 1 }], "Id of request '1' should be '0'"],
  [[pipelineStep, passThrough(1, "newref:7")], "Invalid index of newref 'newref:7'"],
  [[pipelineStep, passThrough(1, "newref:-1")], "Invalid index of newref 'newref:-1'"],
  [[pipelineStep, passThrough(1, "newref:x")], "Invalid index of newref 'newref:x'"],
  [
    [step(0, "describe", { object: "manager_ServerManager" }), passThrough(1, "newref:0")],
    "Result not found on request 0",
  ],
])("%j is refused as a whole", async (operations, message) => {
  expect(await client.refusal("transaction", { operations })).toEqual({
    code: 40008,
    data: { type: "MALFORMED_TRANSACTION" },
    message,
  });
});

test("steps that are no requests fail by themselves", async () => {
  const { value } = await client.call("transaction", { operations: [{ id: 0, method: "ping" }] });
  expect(value[0].error.code).toBe(-32600);
  const second = await client.call("transaction", { operations: [step(0, "fly", {})] });
  expect(second.value[0]).toMatchObject({ id: 0, error: { code: -32601 } });
});
