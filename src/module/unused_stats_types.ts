import { z } from "zod";
import { complexType, enumType, int64 } from "../graph/mod.ts";
import { RTCStats } from "./stats_types.ts";

/**
 * Figures that Kurento's interface describes and that nothing gives: they are named here so that descriptions of the
 * interface are complete.
 */
complexType(
  "core",
  "RTCCodec",
  RTCStats.extend({
    payloadType: count(),
    codec: z.string(),
    clockRate: count(),
    channels: count(),
    parameters: z.string(),
  }).describe("One codec of a stream"),
  "RTCStats",
);

complexType(
  "core",
  "RTCMediaStreamStats",
  RTCStats.extend({ streamIdentifier: z.string(), trackIds: z.array(z.string()) }).describe(
    "One media stream",
  ),
  "RTCStats",
);

complexType(
  "core",
  "RTCMediaStreamTrackStats",
  RTCStats.extend({
    trackIdentifier: z.string(),
    remoteSource: z.boolean(),
    ssrcIds: z.array(z.string()),
    frameWidth: count(),
    frameHeight: count(),
    framesPerSecond: z.number(),
    framesSent: count(),
    framesReceived: count(),
    framesDecoded: count(),
    framesDropped: count(),
    framesCorrupted: count(),
    audioLevel: z.number(),
    echoReturnLoss: z.number(),
    echoReturnLossEnhancement: z.number(),
  }).describe("One track"),
  "RTCStats",
);

complexType(
  "core",
  "RTCTransportStats",
  RTCStats.extend({
    bytesSent: count(),
    bytesReceived: count(),
    rtcpTransportStatsId: z.string(),
    activeConnection: z.boolean(),
    selectedCandidatePairId: z.string(),
    localCertificateId: z.string(),
    remoteCertificateId: z.string(),
  }).describe("One transport"),
  "RTCStats",
);

const CandidateType = enumType(
  "core",
  "RTCStatsIceCandidateType",
  z.enum(["host", "serverreflexive", "peerreflexive", "relayed"]).describe("How a candidate was found"),
);

complexType(
  "core",
  "RTCIceCandidateAttributes",
  RTCStats.extend({
    ipAddress: z.string(),
    portNumber: count(),
    transport: z.string(),
    candidateType: CandidateType,
    priority: count(),
    addressSourceUrl: z.string(),
  }).describe("One ICE candidate"),
  "RTCStats",
);

const CandidatePairState = enumType(
  "core",
  "RTCStatsIceCandidatePairState",
  z.enum(["frozen", "waiting", "inprogress", "failed", "succeeded", "cancelled"]).describe("State of a pair"),
);

complexType(
  "core",
  "RTCIceCandidatePairStats",
  RTCStats.extend({
    transportId: z.string(),
    localCandidateId: z.string(),
    remoteCandidateId: z.string(),
    state: CandidatePairState,
    priority: count(),
    nominated: z.boolean(),
    writable: z.boolean(),
    readable: z.boolean(),
    bytesSent: count(),
    bytesReceived: count(),
    roundTripTime: z.number(),
    availableOutgoingBitrate: z.number(),
    availableIncomingBitrate: z.number(),
  }).describe("One pair of ICE candidates"),
  "RTCStats",
);

complexType(
  "core",
  "RTCCertificateStats",
  RTCStats.extend({
    fingerprint: z.string(),
    fingerprintAlgorithm: z.string(),
    base64Certificate: z.string(),
    issuerCertificateId: z.string(),
  }).describe("One certificate"),
  "RTCStats",
);

function count() {
  return int64(z.int().min(0));
}
