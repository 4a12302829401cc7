import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { Puppet } from "../../../test/kit/odd_elements.ts";
import { Jack, PatchBay } from "../../../test/kit/patch_bay.ts";

let house: TestHouse;
let pipelineId = "";
let [a, b, c, bay, jack] = ["", "", "", "", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [Puppet, PatchBay, Jack] });
  const view = await house.commands.createPipeline({
    elements: [
      { type: "Puppet" },
      { type: "Puppet" },
      { type: "Puppet" },
      { type: "PatchBay", name: "bay" },
      { type: "Jack", options: { hub: "bay" } },
    ],
  });
  pipelineId = view.id;
  [a, b, c, bay, jack] = view.elements.map(({ id }) => id);
});
afterEach(() => house.close());

const tell = (id: string, operation: string, input: object = {}) =>
  house.commands.invoke(id, operation, input);
const codeOf = async (...input: Parameters<typeof tell>) => (await refusalOf(tell(...input))).code;
const link = (source: string, sink: string, type: string) => ({
  source,
  sink,
  type,
  sourceDescription: "default",
  sinkDescription: "default",
});
const ended = (from: number) =>
  house.events(from).filter(({ type }) => type === "ElementDisconnected")
    .map(({ elementId, data }) => [elementId, data.sink, data.mediaType]);

test("connecting without a kind connects every kind, and both ends tell of it", async () => {
  expect(await tell(a, "connect", { sink: b })).toBeNull();
  const both = [link(a, b, "AUDIO"), link(a, b, "VIDEO")];
  expect(await tell(b, "getSourceConnections")).toEqual(both);
  expect(await tell(a, "getSinkConnections")).toEqual(both);
  expect(await tell(a, "getSourceConnections")).toEqual([]);
  expect(await tell(b, "getSinkConnections")).toEqual([]);
  expect(await tell(a, "getSinkConnections", { mediaType: "VIDEO" })).toEqual([link(a, b, "VIDEO")]);
  expect(await tell(a, "getSinkConnections", { mediaType: "DATA" })).toEqual([]);
  expect(await tell(a, "getSinkConnections", { mediaType: "AUDIO", description: "other" })).toEqual([]);
  expect(await tell(b, "getSourceConnections", { description: "default" })).toHaveLength(2);
});

test("a loopback is told by both lists of the one element, and a replaced source by neither", async () => {
  await tell(a, "connect", { sink: a });
  await tell(b, "connect", { sink: a, mediaType: "AUDIO" });
  expect(await tell(a, "getSourceConnections")).toEqual([link(a, a, "VIDEO"), link(b, a, "AUDIO")]);
  expect(await tell(a, "getSinkConnections")).toEqual([link(a, a, "VIDEO")]);
});

test("a port of a hub is connected like any element", async () => {
  await tell(a, "connect", { sink: jack, mediaType: "VIDEO" });
  expect(await tell(jack, "getSourceConnections")).toEqual([link(a, jack, "VIDEO")]);
});

test("disconnecting tells of every kind, also of what was not connected", async () => {
  await tell(a, "connect", { sink: b, mediaType: "VIDEO" });
  const from = house.store.events.newest();
  expect(await tell(a, "disconnect", { sink: b })).toBeNull();
  expect(ended(from)).toEqual([[a, b, "AUDIO"], [a, b, "VIDEO"]]);
  expect(house.commands.getPipeline(pipelineId).connections).toEqual([]);
  const { version } = house.commands.getPipeline(pipelineId);
  await tell(c, "disconnect", { sink: b, mediaType: "AUDIO" });
  expect(ended(from).slice(2)).toEqual([[c, b, "AUDIO"]]);
  expect(house.commands.getPipeline(pipelineId).version).toBe(version);
});

test("disconnecting one kind leaves the others, and whatever else feeds the sink", async () => {
  await tell(a, "connect", { sink: b });
  await tell(a, "disconnect", { sink: b, mediaType: "AUDIO" });
  await tell(c, "disconnect", { sink: b });
  expect(await tell(b, "getSourceConnections")).toEqual([link(a, b, "VIDEO")]);
});

test.each(["connect", "disconnect"])("%s refuses pads and objects that are not there", async (operation) => {
  const other = await house.commands.createPipeline({ elements: [{ type: "Puppet" }] });
  const stranger = other.elements[0].id;
  expect(await codeOf(a, operation, { sink: b, mediaType: "DATA" })).toBe("pad_not_found");
  expect(await codeOf(a, operation, { sink: b, sinkMediaDescription: "left" })).toBe("pad_not_found");
  expect(await codeOf(a, operation, { sink: b, sourceMediaDescription: "left" })).toBe("pad_not_found");
  expect(await codeOf(a, operation, { sink: "x" })).toBe("element_not_found");
  expect(await codeOf(a, operation, { sink: stranger })).toBe("pipelines_differ");
  expect(await codeOf(a, operation, { sink: bay })).toBe("object_kind_mismatch");
  expect(await codeOf(a, operation, { sink: pipelineId })).toBe("object_kind_mismatch");
  expect(await codeOf(a, operation, { sink: "manager_ServerManager" })).toBe("object_kind_mismatch");
  expect(await codeOf(a, operation, {})).toBe("body_invalid");
  expect(house.commands.getPipeline(pipelineId).connections).toEqual([]);
});

test("an operation of the same name that a hub has of its own is the hub's", async () => {
  expect(await tell(bay, "connect", { source: jack })).toBe(`plugged ${jack}`);
});
