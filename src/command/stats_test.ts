import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const counters = { packetsReceived: 1, bytesReceived: 2, packetsSent: 3, bytesSent: 4, lastReceivedMs: 5 };

test("figures are told per element, under ids that are stable", async () => {
  const { session } = await house.commands.openSession(request("whip", { stream: "demo" }));
  const viewer = await house.commands.openSession(request("whep", { stream: "demo" }));
  const { open } = house.plane;
  const [receiver] = open.receivers.keys();
  const [sender] = open.senders.keys();
  house.plane.figures = {
    transports: [...open.transports].map((transport) => ({ ...counters, transport })),
    receivers: [{ receiver, source: 2, ssrc: 77, codec: "VP8", packetsReceived: 9 }] as never,
    senders: [{ sender, ssrc: 78, codec: "OPUS", packetsSent: 9 }] as never,
  };
  const published = await house.commands.elementStats(session.elementId);
  expect(Object.keys(published)).toEqual(
    ["transport-1", `inbound-rtp-${receiver}-77`].map((id) =>
      id === "transport-1" ? `transport-${[...open.transports][0]}` : id
    ),
  );
  expect(published[`inbound-rtp-${receiver}-77`]).toMatchObject({
    type: "inbound-rtp",
    elementId: session.elementId,
    timestampMs: 1000,
    packetsReceived: 9,
  });
  const watched = await house.commands.elementStats(viewer.session.elementId);
  expect(Object.values(watched).map(({ type }) => type)).toEqual(["transport", "outbound-rtp"]);
  expect(watched[`outbound-rtp-${sender}`]).toMatchObject({ kind: "audio" });
  const all = await house.commands.pipelineStats(session.pipelineId);
  expect(Object.keys(all).sort()).toEqual([...Object.keys(published), ...Object.keys(watched)].sort());
});

test("what is not there has no figures", async () => {
  expect((await refusalOf(house.commands.elementStats("x"))).code).toBe("element_not_found");
  expect((await refusalOf(house.commands.pipelineStats("x"))).code).toBe("pipeline_not_found");
});
