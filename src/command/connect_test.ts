import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import { Puppet } from "../../test/kit/odd_elements.ts";

let house: TestHouse;
let pipelineId: string;
let [a, b, c, puppet, elsewhere] = ["", "", "", "", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [Puppet] });
  const through = (name: string) => ({ type: "PassThrough", name });
  const view = await house.commands.createPipeline({
    elements: [through("a"), through("b"), through("c"), { type: "Puppet" }],
  });
  pipelineId = view.id;
  [a, b, c, puppet] = view.elements.map(({ id }) => id);
  elsewhere = (await house.commands.createPipeline({ elements: [through("a")] })).elements[0].id;
});
afterEach(() => house.close());

const links = () =>
  house.commands.getPipeline(pipelineId).connections.map(({ source, sink, media }) => [source, sink, media]);

test("elements are connected for one kind, or for every kind both have", async () => {
  await house.commands.connect({ source: a, sink: b, media: "video" });
  expect(links()).toEqual([[a, b, "video"]]);
  const made = await house.commands.connect({ source: b, sink: c });
  expect(made.map(({ media }) => media)).toEqual(["audio", "video", "data"]);
  expect(house.commands.listConnections(b).length).toBe(4);
  expect(house.commands.listConnections(b, "incoming").map(({ source }) => source)).toEqual([a]);
  expect(house.commands.listConnections(b, "outgoing").map(({ sink }) => sink)).toEqual([c, c, c]);
});

test("what fed a sink before is replaced", async () => {
  await house.commands.connect({ source: a, sink: c, media: "audio" });
  await house.commands.connect({ source: b, sink: c, media: "audio" });
  expect(links()).toEqual([[b, c, "audio"]]);
  expect(house.events().slice(-2).map(({ type, elementId }) => [type, elementId])).toEqual([
    ["ElementDisconnected", a],
    ["ElementConnected", b],
  ]);
});

test("an element may feed itself", async () => {
  await house.commands.connect({ source: a, sink: a });
  expect(links()).toHaveLength(3);
});

test("each refusal leaves the connections as they were", async () => {
  const codeOf = async (input: Parameters<typeof house.commands.connect>[0]) =>
    (await refusalOf(house.commands.connect(input))).code;
  expect(await codeOf({ source: "x", sink: b })).toBe("element_not_found");
  expect(await codeOf({ source: a, sink: "x" })).toBe("element_not_found");
  expect(await codeOf({ source: a, sink: elsewhere })).toBe("pipelines_differ");
  expect(await codeOf({ source: a, sink: puppet, media: "data" })).toBe("pad_not_found");
  expect(await codeOf({ source: a, sink: b, sinkDescription: "second" })).toBe("pad_not_found");
  expect(links()).toEqual([]);
});

test("an element that goes while a connection to it waits is not found", async () => {
  const gone = house.commands.releaseElement(b);
  const refusal = refusalOf(house.commands.connect({ source: a, sink: b }));
  await gone;
  expect((await refusal).code).toBe("element_not_found");
});

test("disconnecting ends what fits, and nothing to end is no error", async () => {
  await house.commands.connect({ source: a, sink: b });
  await house.commands.disconnect({ source: a, sink: b, media: "audio" });
  expect(links()).toEqual([[a, b, "video"], [a, b, "data"]]);
  const newest = house.store.events.newest();
  await house.commands.disconnect({ source: a, sink: b, media: "audio" });
  expect(house.store.events.newest()).toBe(newest);
  expect((await refusalOf(house.commands.disconnect({ source: a, sink: "x" }))).code).toBe(
    "element_not_found",
  );
});

test("a connection is ended by its id, once", async () => {
  const [audio, video] = await house.commands.connect({ source: a, sink: b });
  await house.commands.removeConnection(audio.id);
  expect(links()).toEqual([[a, b, "video"], [a, b, "data"]]);
  expect((await refusalOf(house.commands.removeConnection(audio.id))).code).toBe("connection_not_found");
  expect((await refusalOf(() => house.commands.getConnection(audio.id))).code).toBe("connection_not_found");
  expect(house.commands.getConnection(video.id)).toEqual(video);
});
