import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code;

test("releasing an element ends its connections and sessions with it", async () => {
  const { session } = await house.commands.openSession(request("whip", { stream: "demo" }));
  const viewer = await house.commands.openSession(request("whep", { stream: "demo" }));
  await house.quiet();
  const from = house.store.events.newest();
  await house.commands.releaseElement(session.elementId);
  expect(house.events(from).map(({ type }) => type)).toEqual([
    "SessionEnded",
    "ElementDisconnected",
    "ElementDisconnected",
    "ObjectDestroyed",
  ]);
  expect(house.commands.listSessions({ limit: 9 }).items.map(({ id }) => id)).toEqual([viewer.session.id]);
  expect(house.plane.counts).toMatchObject({ transports: 1, receivers: 0, sources: 2 });
  expect(await codeOf(house.commands.releaseElement(session.elementId))).toBe("element_not_found");
});

test("releasing a pipeline tells of each part, the pipeline last", async () => {
  const { session } = await house.commands.openSession(request("whip", { stream: "demo" }));
  await house.commands.openSession(request("whep", { stream: "demo" }));
  await house.quiet();
  const from = house.store.events.newest();
  await house.commands.releasePipeline(session.pipelineId);
  const types = house.events(from).map(({ type }) => type);
  expect(types.filter((type) => type === "SessionEnded")).toHaveLength(2);
  expect(types.filter((type) => type === "ObjectDestroyed")).toHaveLength(3);
  expect(house.events(from).at(-1)).toMatchObject({ type: "ObjectDestroyed", elementId: null });
  expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
  await house.quiet();
  expect(house.events(from)).toHaveLength(types.length);
});

test("a stale version releases nothing", async () => {
  const view = await house.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  await house.commands.editElement(view.elements[0].id, { name: "x" });
  expect(await codeOf(house.commands.releasePipeline(view.id, { ifVersion: view.version }))).toBe(
    "precondition_failed",
  );
  const elementId = view.elements[0].id;
  expect(await codeOf(house.commands.releaseElement(elementId, { ifVersion: 1 }))).toBe(
    "precondition_failed",
  );
  await house.commands.releaseElement(elementId, { ifVersion: 2 });
  expect(house.commands.getPipeline(view.id).elements).toEqual([]);
  expect(await codeOf(house.commands.releasePipeline("x"))).toBe("pipeline_not_found");
});
