import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { Jack, PatchBay } from "../../../test/kit/patch_bay.ts";
import { AppError, defineElement, emit, MediaElement, settable } from "../../module/mod.ts";
import { serverObjectId } from "../mod.ts";

/** Tells of each change of a property, and does not like the number 13. */
const Moody = defineElement({
  type: "Moody",
  module: "test",
  extends: MediaElement,
  summary: "Has an opinion of its properties",
  properties: { number: settable("Any but one", z.int(), 7) },
  events: { Noticed: z.object({ name: z.string(), value: z.unknown() }) },
  create: (ctx) => ({
    onProperty: (name) => {
      const value = ctx.property(name);
      if (value === 13) throw new AppError("value_unacceptable", "Cannot set number: 13 brings bad luck");
      return [emit("Noticed", { name, value })];
    },
  }),
});

let house: TestHouse;
let pipelineId = "";
let [bay, jack, moody, endpoint] = ["", "", "", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [PatchBay, Jack, Moody] });
  house.clock.advance(2500);
  const view = await house.commands.createPipeline({
    elements: [
      { type: "PatchBay", name: "bay" },
      { type: "Moody", name: "joe" },
      { type: "WebRtcEndpoint" },
      { type: "Jack", options: { hub: "bay" } },
    ],
  });
  pipelineId = view.id;
  [bay, moody, endpoint, jack] = view.elements.map(({ id }) => id);
});
afterEach(() => house.close());

const read = (id: string, name: string) => house.commands.getProperty(id, name);
const codeOf = async (work: Promise<unknown> | (() => unknown)) => (await refusalOf(work)).code;

test("what an object is and where it stands is told as its properties", () => {
  const names = ["id", "mediaPipeline", "parent", "children", "name", "sendTagsInEvents"];
  const told = (id: string) => names.map((name) => read(id, name));
  expect(told(jack)).toEqual([jack, pipelineId, bay, [], jack, false]);
  expect(told(bay)).toEqual([bay, pipelineId, pipelineId, [jack], "bay", false]);
  expect(told(pipelineId)).toEqual([pipelineId, pipelineId, null, [bay, moody, endpoint], pipelineId, false]);
  expect(told(serverObjectId)).toEqual([serverObjectId, null, null, [pipelineId], serverObjectId, false]);
  expect(read(serverObjectId, "pipelines")).toEqual([pipelineId]);
});

test("creation is told in whole seconds", () => {
  const { createdAtMs } = house.commands.getElement(moody);
  expect(read(moody, "creationTime")).toBe(Math.floor(createdAtMs / 1000));
  expect(read(pipelineId, "creationTime")).toBe(Math.floor(createdAtMs / 1000));
  expect(read(serverObjectId, "creationTime")).toBe(
    Math.floor(house.house.settings.startedAtMs / 1000),
  );
});

test("computed properties, defaults and set values are read alike", async () => {
  expect(read(endpoint, "mediaState")).toBe("DISCONNECTED");
  expect(read(moody, "number")).toBe(7);
  await house.commands.setProperty(moody, "number", 8);
  expect(read(moody, "number")).toBe(8);
  expect(read(pipelineId, "latencyStats")).toBe(false);
  await house.commands.setProperty(pipelineId, "latencyStats", true);
  expect(read(pipelineId, "latencyStats")).toBe(true);
  expect(house.commands.getPipeline(pipelineId).properties).toEqual({ latencyStats: true });
});

test("the name is set like a property, and shown as a field only", async () => {
  await house.commands.setProperty(moody, "name", "jack");
  await house.commands.setProperty(pipelineId, "name", "studio");
  expect([read(moody, "name"), read(pipelineId, "name")]).toEqual(["jack", "studio"]);
  const view = house.commands.getElement(moody);
  expect(view.name).toBe("jack");
  for (const field of ["id", "name", "parent", "children", "mediaPipeline", "creationTime"]) {
    expect(Object.keys(view.properties)).not.toContain(field);
  }
  const inProperties = house.commands.editElement(moody, { properties: { name: "x" } });
  expect(await codeOf(inProperties)).toBe("property_read_only");
  expect(await codeOf(house.commands.setProperty(moody, "name", 7))).toBe("body_invalid");
  expect(await codeOf(house.commands.setProperty(moody, "name", "bay"))).toBe("element_name_taken");
});

test("the element hears of a change in the turn that makes it, and may refuse it", async () => {
  const from = house.store.events.newest();
  await house.commands.setProperty(moody, "number", 8);
  await house.commands.editElement(moody, { properties: { number: 9 }, tags: { a: "b" } });
  const noticed = () => house.events(from).filter(({ type }) => type === "Noticed").map(({ data }) => data);
  expect(noticed()).toEqual([{ name: "number", value: 8 }, { name: "number", value: 9 }]);
  const before = house.commands.getElement(moody);
  const both = house.commands.editElement(moody, { name: "new", properties: { number: 13 } });
  expect(await codeOf(both)).toBe("value_unacceptable");
  expect(house.commands.getElement(moody)).toEqual(before);
  expect(noticed()).toHaveLength(2);
});

test("what is not there, or not the client's, cannot be set or read", async () => {
  for (const name of ["volume", "constructor", ""]) {
    expect(await codeOf(() => read(moody, name))).toBe("property_not_found");
    expect(await codeOf(house.commands.setProperty(moody, name, 1))).toBe("property_not_found");
  }
  for (const name of ["id", "parent", "children", "mediaPipeline", "creationTime"]) {
    expect(await codeOf(house.commands.setProperty(moody, name, "x"))).toBe("property_read_only");
  }
  expect(await codeOf(house.commands.setProperty(endpoint, "mediaState", "CONNECTED"))).toBe(
    "property_read_only",
  );
  expect(await codeOf(() => read(serverObjectId, "sessions"))).toBe("operation_not_supported");
  expect(await codeOf(() => read("x", "id"))).toBe("element_not_found");
});
