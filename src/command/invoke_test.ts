import { afterEach, beforeEach, expect, test } from "vitest";
import { offers, openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import { gate, Slow } from "../../test/kit/odd_elements.ts";

let house: TestHouse;
let [endpoint, slow] = ["", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [Slow] });
  const view = await house.commands.createPipeline({
    elements: [{ type: "WebRtcEndpoint" }, { type: "Slow" }],
  });
  [endpoint, slow] = view.elements.map(({ id }) => id);
});
afterEach(() => house.close());

const errorOf = (id: string, operation: string, input: unknown = {}) =>
  refusalOf(house.commands.invoke(id, operation, input));

test("an operation gives its result and its events", async () => {
  const answer = await house.commands.invoke(endpoint, "processOffer", { offer: offers.publish });
  expect(answer).toMatch(/^v=0/);
  expect(house.events().at(-1)).toMatchObject({ type: "MediaSessionStarted", elementId: endpoint });
  expect(await house.commands.invoke(endpoint, "getLocalSessionDescriptor", undefined)).toBe(answer);
});

test("a body that does not fit is refused with its pointers", async () => {
  const error = await errorOf(endpoint, "processOffer", { offer: 7, extra: 1 });
  expect(error.code).toBe("body_invalid");
  expect(error.fields.map(({ pointer }) => pointer)).toEqual(["/offer", "/extra"]);
});

test.each(["dance", "constructor", "__proto__", ""])("%j is no operation", async (name) => {
  expect((await errorOf(endpoint, name)).code).toBe("operation_not_found");
});

test("an element that is not there is not found", async () => {
  expect((await errorOf("x", "processOffer")).code).toBe("element_not_found");
});

test("an operation that goes on after its turn keeps nobody waiting but its caller", async () => {
  let result: unknown = null;
  const waiting = house.commands.invoke(slow, "waitOutside", {}).then((answer) => result = answer);
  await house.quiet();
  expect(house.events().at(-1)).toMatchObject({ type: "Waited" });
  await house.commands.editElement(slow, { name: "meanwhile" });
  expect(result).toBeNull();
  gate.open();
  await waiting;
  expect(result).toBe("passed");
});

test("an operation that goes on after its turn is nobody's when the turn fails", async () => {
  house.fault.commit = new Error("disk full");
  expect((await errorOf(slow, "waitOutside")).message).toBe("disk full");
  gate.open();
});

test("what goes wrong inside an element stays inside", async () => {
  const error = await errorOf(slow, "fail");
  expect(error).toBeInstanceOf(TypeError);
  expect(await house.commands.invoke(endpoint, "isMediaFlowingOut", { mediaType: "AUDIO" })).toBe(false);
});
