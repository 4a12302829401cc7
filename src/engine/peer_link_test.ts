import { afterEach, beforeEach, expect, test } from "vitest";
import { offers, openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

async function anEndpoint() {
  const view = await house.commands.createPipeline({
    name: "p",
    elements: [{ type: "WebRtcEndpoint", name: "a" }],
  });
  return view.elements[0].id;
}

test("a publisher's m-lines become receivers that fill the element's sources", async () => {
  await house.commands.openSession(request("whip", { elementId: await anEndpoint() }));
  const receivers = [...house.plane.open.receivers.values()];
  expect(receivers.map(({ media, source, mid }) => ({ media, source, mid }))).toEqual([
    { media: "audio", source: 1, mid: "0" },
    { media: "video", source: 2, mid: "1" },
  ]);
  expect(receivers.every(({ localSsrc, payloads }) => localSsrc > 0 && payloads.length > 0)).toBe(true);
  expect(house.plane.counts).toMatchObject({ transports: 1, senders: 0 });
});

test("a viewer's m-lines become senders with SSRCs that its description announces", async () => {
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  const { description } = await house.commands.openSession(request("whep", { elementId }));
  const senders = [...house.plane.open.senders.values()];
  expect(senders.map(({ media }) => media)).toEqual(["audio", "video"]);
  for (const { ssrc, cname } of senders) expect(description).toContain(`a=ssrc:${ssrc} cname:${cname}`);
});

test("a viewer that cannot take what flows now is refused, and leaves nothing", async () => {
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  house.plane.tell({ on: "sourceFormat", source: 2, codec: "H265", format: "H265/odd" });
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  await house.quiet();
  const before = house.plane.counts;
  const refusal = await refusalOf(house.commands.openSession(request("whep", { elementId })));
  expect(refusal.code).toBe("codec_mismatch");
  expect(house.plane.counts).toEqual(before);
});

test("closing says BYE before close_notify and lets go of transport, receivers and owners", async () => {
  const elementId = await anEndpoint();
  const { session } = await house.commands.openSession(request("whip", { elementId }));
  await house.commands.closeSession(session.id);
  expect(house.plane.all("closeTransport")).toMatchObject([{ bye: true }]);
  expect(house.plane.counts).toEqual({ transports: 0, sources: 2, receivers: 0, senders: 0 });
  const from = house.store.events.newest();
  const [{ transport }] = house.plane.all("openTransport");
  house.plane.tell({ on: "transportMedia", transport, active: true, reason: "first" });
  await house.quiet();
  expect(house.events(from)).toEqual([]);
});

test("what was told of a peer before another took over is not taken for the other's", async () => {
  const elementId = await anEndpoint();
  await house.commands.openSession(request("whip", { elementId }));
  const [{ transport }] = house.plane.all("openTransport");
  const takeover = house.commands.openSession(request("whip", { elementId }));
  house.plane.tell({ on: "transportMedia", transport, active: true, reason: "first" });
  await takeover;
  await house.quiet();
  expect(house.commands.getElement(elementId).properties.mediaState).toBe("DISCONNECTED");
});

test("a peer that ends by itself closes its side of the plane", async () => {
  const elementId = await anEndpoint();
  await house.commands.invoke(elementId, "processOffer", { offer: offers.publish });
  expect(house.plane.counts.receivers).toBe(2);
  house.clock.advance(16_000);
  await house.quiet();
  expect(house.plane.counts).toEqual({ transports: 0, sources: 2, receivers: 0, senders: 0 });
});
