import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { openStore } from "../../store/mod.ts";
import { serverObjectId } from "../types.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ settings: { metadata: '{"rack":5}' } })));
afterEach(() => house.close());

const server = { id: serverObjectId, name: serverObjectId, tags: {}, properties: {} };
const tell = (operation: string, input: object = {}) =>
  house.commands.invoke(serverObjectId, operation, input);

test("the server has a name, tags and properties, by either way of changing them, and events tell of it", async () => {
  expect(house.commands.serverObject()).toEqual(server);
  await tell("addTag", { key: "b", value: "1" });
  await tell("addTag", { key: "a", value: "2" });
  await tell("removeTag", { key: "b" });
  await tell("removeTag", { key: "b" });
  await house.commands.setProperty(serverObjectId, "name", "north");
  await house.commands.setProperty(serverObjectId, "sendTagsInEvents", true);
  house.commands.editServer({ tags: { c: "3" } });
  const changed = {
    ...server,
    name: "north",
    tags: { a: "2", c: "3" },
    properties: { sendTagsInEvents: true },
  };
  expect(house.commands.serverObject()).toEqual(changed);
  expect(await tell("getTags")).toEqual([{ key: "a", value: "2" }, { key: "c", value: "3" }]);
  expect(await tell("getTag", { key: "c" })).toBe("3");
  expect((await refusalOf(tell("getTag", { key: "b" }))).code).toBe("tag_not_found");
  const read = ["name", "sendTagsInEvents"].map((name) => house.commands.getProperty(serverObjectId, name));
  expect(read).toEqual(["north", true]);
  const events = house.events().filter(({ type }) => type === "ServerChanged");
  expect(events).toHaveLength(6);
  const { id: _id, ...data } = changed;
  const tags = [{ key: "a", value: "2" }, { key: "c", value: "3" }];
  expect(events.at(-1)).toMatchObject({ pipelineId: null, elementId: null, tags, data });
});

test("what is wrong is refused and changes nothing", async () => {
  const codes = [];
  for (
    const work of [
      () => house.commands.editServer({ name: "x", properties: { latencyStats: true } }),
      () => house.commands.editServer({ properties: { sendTagsInEvents: "yes" } }),
      () => house.commands.setProperty(serverObjectId, "name", ""),
      () => house.commands.setProperty(serverObjectId, "sendTagsInEvents", "yes"),
      () => house.commands.setProperty(serverObjectId, "metadata", "x"),
      () => house.commands.setProperty(serverObjectId, "info", {}),
      () => tell("addTag", { key: "a" }),
    ]
  ) codes.push((await refusalOf(work)).code);
  const invalid = "body_invalid";
  const fixed = "property_read_only";
  expect(codes).toEqual([invalid, invalid, invalid, invalid, fixed, fixed, invalid]);
  expect(house.commands.serverObject()).toEqual(server);
  expect(house.events()).toEqual([]);
});

test("it is the same after a restart", async () => {
  const store = openStore(":memory:");
  const before = await openHouse({ store });
  before.commands.editServer({ name: "north", tags: { a: "1" } });
  const after = await openHouse({ store });
  expect(after.commands.serverObject()).toEqual({ ...server, name: "north", tags: { a: "1" } });
});

test("the view of the server shows the object, the modules and the metadata", async () => {
  const view = await house.commands.describeServer();
  expect(view).toMatchObject({ metadata: { rack: 5 }, object: server });
  expect(view.modules.find(({ name }) => name === "core")!.types).toContain("MediaPipeline");
  expect(house.commands.getProperty(serverObjectId, "metadata")).toBe('{"rack":5}');
  const info = house.commands.getProperty(serverObjectId, "info") as { modules: { name: string }[] };
  expect(info.modules.map(({ name }) => name)).toEqual(view.modules.map(({ name }) => name));
});
