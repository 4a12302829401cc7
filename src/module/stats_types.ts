import { z } from "zod";
import { complexType, enumType, int64 } from "../graph/mod.ts";
import { MediaType } from "./media_types.ts";

const count = () => int64(z.int().min(0));

export const StatsType = enumType(
  "core",
  "StatsType",
  z.enum([
    "inboundrtp",
    "outboundrtp",
    "session",
    "datachannel",
    "track",
    "transport",
    "candidatepair",
    "localcandidate",
    "remotecandidate",
    "element",
    "endpoint",
  ]).describe("Kinds of figures"),
);

export const MediaLatencyStat = complexType(
  "core",
  "MediaLatencyStat",
  z.strictObject({ name: z.string(), type: MediaType, avg: z.number().describe("Nanoseconds") }).describe(
    "How long one kind of media took, on average",
  ),
);

export const Stats = complexType(
  "core",
  "Stats",
  z.looseObject({ id: z.string(), type: StatsType, timestampMillis: int64(z.int().min(0)) }).describe(
    "What all figures share; each kind adds fields",
  ),
);

export const ElementStats = complexType(
  "core",
  "ElementStats",
  Stats.extend({ inputLatency: z.array(MediaLatencyStat) }).describe(
    "Latency of an element, from the inputs of it to its outputs",
  ),
  "Stats",
);

export const EndpointStats = complexType(
  "core",
  "EndpointStats",
  ElementStats.extend({ E2ELatency: z.array(MediaLatencyStat) }).describe(
    "Latency from where media came in to this endpoint",
  ),
  "ElementStats",
);

export const RTCStats = complexType(
  "core",
  "RTCStats",
  Stats.extend({}).describe("What all figures of WebRTC share: nothing more"),
  "Stats",
);

export const RTCRTPStreamStats = complexType(
  "core",
  "RTCRTPStreamStats",
  RTCStats.extend({
    ssrc: z.string(),
    associateStatsId: z.string(),
    isRemote: z.boolean(),
    mediaTrackId: z.string(),
    transportId: z.string(),
    codecId: z.string(),
    firCount: count(),
    pliCount: count(),
    nackCount: count(),
    sliCount: count(),
    remb: count().describe("bit/s"),
    packetsLost: int64(z.int()).describe("Negative where duplicates outnumber losses"),
    fractionLost: z.number(),
  }).describe("One RTP stream, of either direction"),
  "RTCStats",
);

export const RTCInboundRTPStreamStats = complexType(
  "core",
  "RTCInboundRTPStreamStats",
  RTCRTPStreamStats.extend({
    packetsReceived: count(),
    bytesReceived: count(),
    jitter: z.number().describe("Seconds"),
  }).describe("A stream that arrives"),
  "RTCRTPStreamStats",
);

export const RTCOutboundRTPStreamStats = complexType(
  "core",
  "RTCOutboundRTPStreamStats",
  RTCRTPStreamStats.extend({
    packetsSent: count(),
    bytesSent: count(),
    targetBitrate: z.number().describe("bit/s"),
    roundTripTime: z.number().describe("Seconds"),
  }).describe("A stream that leaves"),
  "RTCRTPStreamStats",
);

export const RTCPeerConnectionStats = complexType(
  "core",
  "RTCPeerConnectionStats",
  RTCStats.extend({ dataChannelsOpened: count(), dataChannelsClosed: count() }).describe(
    "Data channels of one peer, in sum",
  ),
  "RTCStats",
);

export const RTCDataChannelState = enumType(
  "core",
  "RTCDataChannelState",
  z.enum(["connecting", "open", "closing", "closed"]).describe("State of a data channel (W3C WebRTC)"),
);

export const RTCDataChannelStats = complexType(
  "core",
  "RTCDataChannelStats",
  RTCStats.extend({
    label: z.string(),
    protocol: z.string(),
    datachannelid: count(),
    state: RTCDataChannelState,
    messagesSent: count(),
    bytesSent: count(),
    messagesReceived: count(),
    bytesReceived: count(),
  }).describe("One data channel"),
  "RTCStats",
);
