import { afterEach, beforeEach, expect, test } from "vitest";
import { offers, openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";
import { Fragile, Puppet } from "../../test/kit/odd_elements.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [Fragile, Puppet] })));
afterEach(() => house.close());

async function anEndpoint() {
  const view = await house.commands.createPipeline({
    name: "p",
    elements: [{ type: "WebRtcEndpoint", name: "a" }],
  });
  const elementId = view.elements[0].id;
  return { pipelineId: view.id, elementId, live: house.house.engine.pipeline(view.id).live(elementId)! };
}

const flowsIn = (elementId: string) =>
  house.commands.invoke(elementId, "isMediaFlowingIn", { mediaType: "VIDEO" });
const flowsOut = (elementId: string) =>
  house.commands.invoke(elementId, "isMediaFlowingOut", { mediaType: "VIDEO" });

function told(from: number, type: string) {
  return house.events(from).filter((event) => event.type === type).map((event) => event.data.state);
}

test("an endpoint opens one source per kind and closes them when it ends", async () => {
  const { elementId } = await anEndpoint();
  expect([...house.plane.open.sources.values()]).toEqual(["audio", "video"]);
  await house.commands.releaseElement(elementId);
  expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
});

test("an element that fails half-way through its start leaves nothing open", async () => {
  const { pipelineId } = await anEndpoint();
  const before = house.plane.counts;
  await refusalOf(house.commands.createElement(pipelineId, { type: "Fragile" }));
  expect(house.plane.counts).toEqual(before);
  expect(house.plane.all("closeTransport")).toHaveLength(1);
});

test("a settable property has its default until it is set", async () => {
  const view = await house.commands.createPipeline({ elements: [{ type: "Puppet" }] });
  const live = house.house.engine.pipeline(view.id).live(view.elements[0].id)!;
  expect(live.property("volume")).toBe(5);
  await house.commands.editElement(view.elements[0].id, { properties: { volume: 7 } });
  expect(live.property("volume")).toBe(7);
  expect(live.property("constructor")).toBeUndefined();
});

test("limits of what it encodes are those that were set, be it to their defaults", async () => {
  const { elementId, live } = await anEndpoint();
  const none = { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null };
  expect(live.videoLimits()).toEqual(none);
  await house.commands.editElement(elementId, { properties: { encoderBitrate: 300_000 } });
  expect(live.videoLimits()).toEqual({ ...none, bitrateBps: 300_000 });
});

test("what leaves a source pad is told once, and known with its format", async () => {
  const { elementId, live } = await anEndpoint();
  const from = house.store.events.newest();
  house.plane.tell({ on: "sourceFormat", source: 2, codec: "VP8", format: "VP8" });
  expect(live.sending("video")).toBeNull();
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  await house.quiet();
  expect(live.sending("video")).toEqual({ codec: "VP8", format: "VP8" });
  expect(told(from, "MediaFlowOutStateChanged")).toEqual(["FLOWING"]);
  expect(await flowsOut(elementId)).toBe(true);
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: false });
  await house.quiet();
  expect(live.sending("video")).toBeNull();
  expect(told(from, "MediaFlowOutStateChanged")).toEqual(["FLOWING", "NOT_FLOWING"]);
});

test("media ceases to flow into a sink pad with the peer that took it", async () => {
  const { elementId } = await anEndpoint();
  await house.commands.invoke(elementId, "processOffer", { offer: offers.watch });
  const from = house.store.events.newest();
  const sender = [...house.plane.open.senders.values()].find(({ media }) => media === "video")!.sender;
  house.plane.tell({ on: "senderFlow", sender, flowing: true });
  await house.quiet();
  expect(await flowsIn(elementId)).toBe(true);
  house.clock.advance(20_000);
  await house.quiet();
  expect(await flowsIn(elementId)).toBe(false);
  expect(told(from, "MediaFlowInStateChanged")).toEqual(["FLOWING", "NOT_FLOWING"]);
});

test("a viewer whose codec does not fit any more is told of in an Error event", async () => {
  const { elementId } = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  const viewer = await house.commands.openSession(request("whep", { elementId }));
  const sender = [...house.plane.open.senders.values()].find(({ media }) => media === "video")!.sender;
  house.plane.tell({ on: "formatMismatch", sender, codec: "H265" });
  await house.quiet();
  const error = house.events().find((event) => event.type === "Error")!;
  expect(error.elementId).toBe(viewer.session.elementId);
  expect(error.data.description).toContain("takes no H265, so");
  house.plane.tell({ on: "formatMismatch", sender, codec: "VP9" });
  await house.quiet();
  const last = house.events().findLast((event) => event.type === "Error")!;
  // What it does take of that codec.
  expect(last.data.description).toMatch(/takes no VP9 but VP9\/0/);
});

test("works that wait for their time are done in a turn, and none once the element is gone", async () => {
  const { elementId, live } = await anEndpoint();
  const done: string[] = [];
  const work = (name: string) => () => {
    done.push(name);
    return [];
  };
  live.after(1000, work("first"));
  live.after(1000, work("cancelled")).cancel();
  live.after(3000, work("late"));
  house.clock.advance(1000);
  await house.quiet();
  expect(done).toEqual(["first"]);
  await house.commands.releaseElement(elementId);
  house.clock.advance(3000);
  await house.quiet();
  expect(done).toEqual(["first"]);
});
