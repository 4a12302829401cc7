import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openHouse, request, type TestHouse } from "../../../test/kit/house.ts";
import {
  EndpointStats,
  RTCDataChannelStats,
  RTCInboundRTPStreamStats,
  RTCOutboundRTPStreamStats,
  RTCPeerConnectionStats,
} from "../../module/mod.ts";
import type { KurentoStats } from "../mod.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const statsOf = async (elementId: string, mediaType?: string) =>
  await house.commands.invoke(elementId, "getStats", mediaType ? { mediaType } : {}) as Record<
    string,
    KurentoStats
  >;

const counted = { nackCount: 1, pliCount: 2, firCount: 3, bitrateBps: 9000 };

/** A publisher and a viewer, with figures for the first stream of each kind. */
async function aStream() {
  const published = await house.commands.openSession(request("whip", { stream: "demo" }));
  const watched = await house.commands.openSession(request("whep", { stream: "demo" }));
  const { receivers, senders } = house.plane.open;
  const [audio, video] = receivers.values();
  house.plane.figures = {
    transports: [],
    receivers: [audio, video].map(({ receiver, source, media }) => ({
      ...counted,
      receiver,
      source,
      ssrc: media === "audio" ? 70 : 4294967295,
      packetsReceived: 75,
      packetsLost: 25,
      bytesReceived: 800,
      jitter: 0.25,
      rembBps: 500_000.4,
      latencyMs: 0.5,
    })) as never,
    senders: [...senders.values()].map(({ sender }) => ({
      ...counted,
      sender,
      ssrc: 90,
      packetsSent: 7,
      bytesSent: 70,
      packetsLost: 1,
      fractionLost: 0.5,
      roundTripTime: 0.125,
      rembBps: 300_000,
    })) as never,
  };
  return { publisher: published.session.elementId, viewer: watched.session.elementId };
}

test("streams that arrive are told with exactly Kurento's fields", async () => {
  const { publisher } = await aStream();
  const stats = Object.values(await statsOf(publisher));
  expect(stats.map(({ type, ssrc }) => [type, ssrc])).toEqual([["inboundrtp", "70"], [
    "inboundrtp",
    "4294967295",
  ]]);
  const [audio] = stats;
  expect(Object.keys(audio).sort()).toEqual(Object.keys(RTCInboundRTPStreamStats.shape).sort());
  expect(RTCInboundRTPStreamStats.parse(audio)).toEqual(audio);
  expect(audio).toMatchObject({
    id: expect.stringMatching(/^inbound-rtp-/),
    timestampMillis: 1000,
    packetsReceived: 75,
    bytesReceived: 800,
    packetsLost: 25,
    fractionLost: 0.25,
    jitter: 0.25,
    remb: 500_000,
    nackCount: 1,
    isRemote: false,
    codecId: "",
  });
});

test("streams that leave are told with exactly Kurento's fields", async () => {
  const { viewer } = await aStream();
  const stats = Object.values(await statsOf(viewer));
  expect(stats.map(({ type }) => type)).toEqual(["outboundrtp", "outboundrtp"]);
  const [one] = stats;
  expect(Object.keys(one).sort()).toEqual(Object.keys(RTCOutboundRTPStreamStats.shape).sort());
  expect(RTCOutboundRTPStreamStats.parse(one)).toEqual(one);
  expect(one).toMatchObject({ packetsSent: 7, fractionLost: 0.5, roundTripTime: 0.125, targetBitrate: 9000 });
});

test("each entry stands under its id, and the ids are those of the figures at the other doors", async () => {
  const { publisher } = await aStream();
  const stats = await statsOf(publisher);
  for (const [id, entry] of Object.entries(stats)) expect(entry.id).toBe(id);
  const others = await house.commands.elementStats(publisher);
  for (const id of Object.keys(stats)) expect(others[id]).toMatchObject({ type: "inbound-rtp" });
});

test("a kind filters, and an element without streams has no entries", async () => {
  const { publisher, viewer } = await aStream();
  expect(Object.values(await statsOf(publisher, "AUDIO")).map(({ ssrc }) => ssrc)).toEqual(["70"]);
  expect(Object.values(await statsOf(publisher, "VIDEO")).map(({ ssrc }) => ssrc)).toEqual(["4294967295"]);
  expect(Object.keys(await statsOf(viewer, "AUDIO"))).toHaveLength(1);
  expect(await statsOf(publisher, "DATA")).toEqual({});
  const { elements: [tap] } = await house.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  expect(await statsOf(tap.id)).toEqual({});
});

test("latencies of what flows in are told, in nanoseconds, where the pipeline wants them", async () => {
  const { publisher, viewer } = await aStream();
  const [video] = [...house.plane.open.receivers.values()].filter(({ media }) => media === "video");
  house.plane.tell({ on: "sourceFormat", source: video.source, codec: "VP8", format: "VP8" });
  house.plane.tell({ on: "sourceFlow", source: video.source, flowing: true });
  await house.quiet();
  expect(Object.keys(await statsOf(viewer))).not.toContain(viewer);
  const [pipelineId] = house.commands.pipelineIds();
  await house.commands.setProperty(pipelineId, "latencyStats", true);
  const latency = [{ name: "sink_video_default", type: "VIDEO", avg: 500_000 }];
  const own = (await statsOf(viewer))[viewer];
  expect(EndpointStats.strict().parse(own)).toMatchObject({
    id: viewer,
    type: "endpoint",
    inputLatency: latency,
    E2ELatency: latency,
  });
  expect((await statsOf(viewer, "AUDIO"))[viewer]).toMatchObject({ inputLatency: [] });
  const live = house.house.engine.pipeline(pipelineId);
  const detour = { latencyMs: null, source: 77, transport: null };
  const encoding = vi.spyOn(live, "detourOf").mockResolvedValue(detour);
  expect((await statsOf(viewer))[viewer]).toMatchObject({ inputLatency: latency, E2ELatency: [] });
  const receivers = house.plane.figures.receivers!;
  receivers.push({ ...receivers[0], source: 77, latencyMs: 2 });
  encoding.mockResolvedValue({ ...detour, latencyMs: 20 });
  const whole = [{ ...latency[0], avg: 22_500_000 }];
  expect((await statsOf(viewer))[viewer]).toMatchObject({ inputLatency: latency, E2ELatency: whole });
  expect((await house.commands.elementStats(viewer))[`latency-video-${viewer}`]).toMatchObject({
    type: "latency",
    kind: "video",
    inputMs: 0.5,
    endToEndMs: 22.5,
  });
  encoding.mockRestore();
  expect((await statsOf(publisher))[publisher]).toMatchObject({ inputLatency: [] });
  const tap = await house.commands.createElement(pipelineId, { type: "PassThrough" });
  expect(await statsOf(tap.id)).toEqual({
    [tap.id]: { id: tap.id, type: "element", inputLatency: [], timestampMillis: 1000 },
  });
});

test("data channels are told one by one and in sum, with exactly Kurento's fields", async () => {
  const { publisher } = await aStream();
  const channel = {
    channelId: 3,
    label: "chat",
    protocol: "p",
    state: "open",
    messagesSent: 1,
    bytesSent: 10,
    messagesReceived: 2,
    bytesReceived: 20,
  };
  const link = {
    transport: 9,
    receivers: [],
    senders: [],
    channelCounts: { opened: 2, closed: 1 },
    dataChannels: [channel],
  };
  const live = house.house.engine.homeOf(publisher, "element_not_found").live(publisher)!;
  vi.spyOn(live, "links", "get").mockReturnValue(new Set([link]) as never);
  const stats = await statsOf(publisher, "DATA");
  const [session, one] = Object.values(stats);
  expect(Object.keys(stats)).toEqual(["peer-connection-9", "data-channel-9-3"]);
  expect(RTCPeerConnectionStats.strict().parse(session)).toMatchObject({
    type: "session",
    dataChannelsOpened: 2,
    dataChannelsClosed: 1,
  });
  expect(RTCDataChannelStats.strict().parse(one)).toMatchObject({
    type: "datachannel",
    datachannelid: 3,
    label: "chat",
    state: "open",
    bytesReceived: 20,
  });
  expect(Object.keys(await statsOf(publisher, "AUDIO"))).toEqual([]);
  expect(await house.commands.elementStats(publisher)).toMatchObject({
    "peer-connection-9": { type: "peer-connection", dataChannelsOpened: 2, dataChannelsClosed: 1 },
    "data-channel-9-3": { type: "data-channel", dataChannelIdentifier: 3, messagesSent: 1 },
  });
});
