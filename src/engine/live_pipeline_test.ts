import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";
import { Parrot } from "../../test/kit/odd_elements.ts";

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
    ["MediaTranscodingStateChanged", one, "NOT_TRANSCODING"],
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

/** Cameras "one" and "two" at ports of a hub, and a viewer who watches the port "out". */
async function aHub(type = "DispatcherOneToMany") {
  const view = await house.commands.createPipeline({
    elements: [
      { type: "WebRtcEndpoint", name: "one" },
      { type: "WebRtcEndpoint", name: "two" },
      { type, name: "hub" },
    ],
  });
  const [one, two, hub] = view.elements.map((element) => element.id);
  const port = async () =>
    (await house.commands.createElement(view.id, { type: "HubPort", options: { hub } })).id;
  const ports = { one: await port(), two: await port(), out: await port() };
  await house.commands.connect({ source: one, sink: ports.one });
  await house.commands.connect({ source: two, sink: ports.two });
  await house.commands.openSession(request("whip", { elementId: one }));
  await house.commands.openSession(request("whep", { elementId: ports.out }));
  await house.quiet();
  return { view, hub, one, two, ports };
}

const setSource = (hub: string, source: string) => house.commands.invoke(hub, "setSource", { source });

test("viewers behind a hub are bound to what it routes, and bound anew when it routes otherwise", async () => {
  const { hub, ports } = await aHub();
  expect(bound()).toEqual({ audio: null, video: null });
  await setSource(hub, ports.one);
  expect(bound()).toEqual({ audio: 1, video: 2 });
  await setSource(hub, ports.two);
  expect(bound()).toEqual({ audio: 3, video: 4 });
  await house.commands.invoke(hub, "removeSource", {});
  expect(bound()).toEqual({ audio: null, video: null });
});

test("a port tells what flows into it and what the hub gives it", async () => {
  const { hub, one, ports } = await aHub();
  await setSource(hub, ports.one);
  const from = house.store.events.newest();
  await flow(2, true);
  const told = house.events(from).map(({ type, elementId, data }) => [elementId, type, data.state]);
  const [flowIn, flowOut] = ["MediaFlowInStateChanged", "MediaFlowOutStateChanged"];
  expect(told).toHaveLength(6);
  expect(told).toEqual(expect.arrayContaining([
    [one, flowOut, "FLOWING"],
    [ports.one, flowIn, "FLOWING"],
    [ports.one, flowOut, "FLOWING"],
    [ports.two, flowOut, "FLOWING"],
    [ports.out, flowOut, "FLOWING"],
    [one, "MediaTranscodingStateChanged", "NOT_TRANSCODING"],
  ]));
  const flows = (port: string, name: string) => house.commands.invoke(port, name, { mediaType: "VIDEO" });
  expect(await flows(ports.one, "isMediaFlowingIn")).toBe(true);
  expect(await flows(ports.out, "isMediaFlowingIn")).toBe(false);
  expect(await flows(ports.out, "isMediaFlowingOut")).toBe(true);
});

test("the source's port takes its media along when it goes", async () => {
  const { hub, ports } = await aHub();
  await setSource(hub, ports.one);
  await house.commands.releaseElement(ports.one);
  expect(bound()).toEqual({ audio: null, video: null });
  const live = house.house.engine.homeOf(hub, "element_not_found").live(hub)!;
  expect(live.kept()).toEqual({ source: null });
  expect(live.ports()).toEqual([ports.two, ports.out]);
});

test("a hub that is released takes its ports along", async () => {
  const { hub, ports, view } = await aHub();
  await setSource(hub, ports.one);
  await house.commands.releaseElement(hub);
  expect(bound()).toEqual({ audio: null, video: null });
  const left = house.commands.getPipeline(view.id).elements;
  expect(left.filter((element) => element.parentId !== null || element.id === hub)).toEqual([]);
  expect(house.store.load().elements.map(({ id }) => id).sort()).toEqual(left.map(({ id }) => id).sort());
});

test("a route that cannot be written is taken back on the plane too", async () => {
  const { hub, ports } = await aHub();
  await setSource(hub, ports.one);
  house.fault.commit = new Error("disk full");
  await refusalOf(setSource(hub, ports.two));
  expect(bound()).toEqual({ audio: 1, video: 2 });
  house.fault.commit = null;
  await setSource(hub, ports.two);
  expect(bound()).toEqual({ audio: 3, video: 4 });
});

test("a hub routes as before after a restart", async () => {
  const { hub, ports, one, two } = await aHub("Dispatcher");
  await house.commands.invoke(hub, "connect", { source: ports.two, sink: ports.out });
  expect(bound()).toEqual({ audio: 3, video: 4 });
  const again = await openHouse({ store: house.store });
  await again.quiet();
  const home = again.house.engine.homeOf(hub, "element_not_found");
  expect(home.live(ports.out)!.parentId).toBe(hub);
  expect(home.origin(ports.out, "video")?.elementId).toBe(two);
  await again.commands.invoke(hub, "connect", { source: ports.one, sink: ports.out });
  expect(home.origin(ports.out, "video")?.elementId).toBe(one);
  await again.close();
});

test("a hub itself cannot be connected", async () => {
  const { hub, one } = await aHub();
  expect((await refusalOf(house.commands.connect({ source: one, sink: hub }))).code)
    .toBe("object_kind_mismatch");
});

test("data messages go along connections, at once and without events", async () => {
  await house.close();
  house = await openHouse({ definitions: [Parrot] });
  const view = await house.commands.createPipeline({
    elements: [{ type: "Parrot" }, { type: "PassThrough" }, { type: "Parrot" }],
  });
  const [a, through, b] = view.elements.map((element) => element.id);
  await house.commands.connect({ source: a, sink: through, media: "data" });
  await house.commands.connect({ source: through, sink: b });
  await house.commands.connect({ source: a, sink: a, media: "data" });
  const from = house.store.events.newest();
  await house.commands.invoke(a, "say", { text: "hello" });
  for (const id of [a, b]) expect(await house.commands.invoke(id, "heard", {})).toEqual(["hello"]);
  await house.commands.disconnect({ source: a, sink: through, media: "data" });
  await house.commands.invoke(a, "say", { text: "anybody?" });
  expect(await house.commands.invoke(b, "heard", {})).toEqual(["hello"]);
  expect(house.events(from).map((event) => event.type)).toEqual(["ElementDisconnected"]);
});
