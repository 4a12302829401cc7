import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const names = (page: { items: { name: string }[] }) => page.items.map(({ name }) => name);

test("pipelines are listed in order of creation, by name and by tag", async () => {
  for (const [index, name] of ["c", "a", "b"].entries()) {
    await house.commands.createPipeline({ name, tags: { odd: String(index % 2) } });
    house.clock.advance(1);
  }
  expect(names(house.commands.listPipelines({ limit: 10 }))).toEqual(["c", "a", "b"]);
  expect(names(house.commands.listPipelines({ limit: 10, name: "a" }))).toEqual(["a"]);
  expect(names(house.commands.listPipelines({ limit: 10, tag: { key: "odd", value: "0" } }))).toEqual([
    "c",
    "b",
  ]);
  const first = house.commands.listPipelines({ limit: 2 });
  expect(names(house.commands.listPipelines({ limit: 2, cursor: first.nextCursor! }))).toEqual(["b"]);
});

test("elements are listed of all pipelines or one, and by type", async () => {
  const elements = [{ type: "PassThrough", name: "x" }, { type: "WebRtcEndpoint", name: "y" }];
  const one = await house.commands.createPipeline({ elements });
  await house.commands.createPipeline({ elements });
  expect(house.commands.listElements({ limit: 10 }).items).toHaveLength(4);
  expect(names(house.commands.listElements({ limit: 10, pipelineId: one.id, type: "PassThrough" }))).toEqual([
    "x",
  ]);
  const error = await refusalOf(() => house.commands.listElements({ limit: 10, pipelineId: "nowhere" }));
  expect(error.code).toBe("pipeline_not_found");
});

test("sessions are listed by kind, pipeline and stream", async () => {
  const whip = await house.commands.openSession(request("whip", { stream: "one" }));
  await house.commands.openSession(request("whip", { stream: "two" }));
  await house.commands.openSession(request("whep", { stream: "one" }));
  const count = (query: object) => house.commands.listSessions({ limit: 10, ...query }).items.length;
  expect([count({}), count({ kind: "whip" }), count({ stream: "one" })]).toEqual([3, 2, 2]);
  expect(count({ pipelineId: whip.session.pipelineId, kind: "whep" })).toBe(1);
  expect(house.commands.getSession(whip.session.id)).toEqual(whip.session);
});

test("what is not there is not found", async () => {
  expect((await refusalOf(() => house.commands.getElement("x"))).code).toBe("element_not_found");
  expect((await refusalOf(() => house.commands.getSession("x"))).code).toBe("session_not_found");
  expect((await refusalOf(() => house.commands.getPipeline("x"))).code).toBe("pipeline_not_found");
  expect((await refusalOf(() => house.commands.listConnections("x"))).code).toBe("element_not_found");
});
