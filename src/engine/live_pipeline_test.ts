import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

/** Two cameras, a switch that the first feeds, and one viewer behind the switch. */
async function aStudio() {
  const view = await house.commands.createPipeline({
    name: "studio",
    elements: [
      { type: "WebRtcEndpoint", name: "one" },
      { type: "WebRtcEndpoint", name: "two" },
      { type: "PassThrough", name: "output" },
    ],
    connections: [{ source: "one", sink: "output" }],
  });
  const [one, two, output] = view.elements.map((element) => element.id);
  // Numbers are given in order: audio and video of "one", then of "two".
  const sources = { one: { audio: 1, video: 2 }, two: { audio: 3, video: 4 } };
  await house.commands.openSession(request("whip", { elementId: one }));
  const viewer = await house.commands.openSession(request("whep", { stream: "studio" }));
  await house.quiet();
  return { view, one, two, output, sources, viewer };
}

const bound = () =>
  Object.fromEntries([...house.plane.open.senders.values()].map(({ media, source }) => [media, source]));

function flow(source: number, flowing: boolean, format = "VP8"): Promise<void> {
  if (flowing) house.plane.tell({ on: "sourceFormat", source, codec: format, format });
  house.plane.tell({ on: "sourceFlow", source, flowing });
  return house.quiet();
}

test("a viewer is bound to the source at the far end of what feeds it", async () => {
  const { sources } = await aStudio();
  expect(bound()).toEqual(sources.one);
});

test("reconnecting what passes media through binds its viewers anew, each sender once", async () => {
  const { two, output, sources } = await aStudio();
  const before = house.plane.all("bindSender").length;
  await house.commands.connect({ source: two, sink: output });
  expect(bound()).toEqual(sources.two);
  expect(house.plane.all("bindSender").length - before).toBe(2);
});

test("disconnecting or releasing the source leaves viewers with nothing", async () => {
  const { one, output } = await aStudio();
  await house.commands.disconnect({ source: one, sink: output, media: "audio" });
  expect(bound()).toEqual({ audio: null, video: 2 });
  await house.commands.releaseElement(one);
  expect(bound()).toEqual({ audio: null, video: null });
});

test("a reconnection that cannot be written is taken back on the plane too", async () => {
  const { two, output, sources, view } = await aStudio();
  house.fault.commit = new Error("disk full");
  await refusalOf(house.commands.connect({ source: two, sink: output }));
  expect(bound()).toEqual(sources.one);
  expect(house.commands.getPipeline(view.id).connections.map((link) => link.source)).not.toContain(two);
});

test("an element that passes media through tells when it begins and ceases to flow", async () => {
  const { one, two, output } = await aStudio();
  const from = house.store.events.newest();
  await flow(2, true);
  expect(house.events(from).map(({ type, elementId, data }) => [type, elementId, data.state])).toEqual([
    ["MediaFlowOutStateChanged", one, "FLOWING"],
    ["MediaFlowInStateChanged", output, "FLOWING"],
    ["MediaFlowOutStateChanged", output, "FLOWING"],
  ]);
  const next = house.store.events.newest();
  await house.commands.connect({ source: two, sink: output, media: "video" });
  expect(house.events(next).map(({ type, data }) => [type, data.state])).toEqual([
    ["ElementDisconnected", undefined],
    ["ElementConnected", undefined],
    ["MediaFlowInStateChanged", "NOT_FLOWING"],
    ["MediaFlowOutStateChanged", "NOT_FLOWING"],
  ]);
});

test("nothing is told of an element after its end", async () => {
  const { output } = await aStudio();
  await flow(2, true);
  const from = house.store.events.newest();
  await house.commands.releaseElement(output);
  await house.quiet();
  expect(house.events(from).at(-1)).toMatchObject({ type: "ObjectDestroyed", elementId: output });
});

test("a keyframe that a viewer wants is asked of the source that feeds it", async () => {
  const { viewer } = await aStudio();
  await flow(2, true);
  await house.commands.invoke(viewer.session.elementId, "requestKeyframe", {});
  expect(house.plane.all("requestKeyframe")).toEqual([{ do: "requestKeyframe", source: 2 }]);
});

test("what the plane tells of a pipeline that is gone does no harm", async () => {
  const { view } = await aStudio();
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  await house.commands.releasePipeline(view.id);
  await house.quiet();
  expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
});

test("a pipeline counts as used for as long as it has sessions", async () => {
  const { view, viewer } = await aStudio();
  const live = house.house.engine.pipeline(view.id);
  house.clock.advance(10_000);
  const now = house.clock.now();
  await house.commands.closeSession(viewer.session.id);
  expect(live.lastUsedMs).toBe(now);
});
