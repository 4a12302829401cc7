import { z } from "zod";
import { BaseRtpEndpoint, computed, defineElement, operation } from "../../module/mod.ts";
import { createEndpoint } from "./endpoint.ts";

const IceState = z.enum(["DISCONNECTED", "GATHERING", "CONNECTING", "CONNECTED", "READY", "FAILED"]);
const DtlsState = z.enum(["NEW", "CLOSED", "FAILED", "CONNECTING", "CONNECTED"]);
const Candidate = z.strictObject({
  candidate: z.string(),
  sdpMid: z.string().nullish(),
  sdpMLineIndex: z.int().min(0).nullish(),
});
const CandidatePair = z.object({
  streamId: z.string(),
  componentId: z.int(),
  localCandidate: z.string(),
  remoteCandidate: z.string(),
});

/** One WebRTC peer: a browser, OBS, FFmpeg. Its source pads give what the peer sends; its sink pads feed the peer. */
export default defineElement({
  type: "WebRtcEndpoint",
  module: "elements",
  extends: BaseRtpEndpoint,
  summary: "One WebRTC peer, negotiated by SDP through operations, or by WHIP and WHEP",
  options: z.strictObject({
    recvonly: z.boolean().default(false).describe("Only take media from the peer"),
    sendonly: z.boolean().default(false).describe("Only give media to the peer"),
  }).refine((options) => !(options.recvonly && options.sendonly), {
    message: "recvonly and sendonly exclude each other",
    path: ["sendonly"],
  }),
  pads: { audio: "endpoint", video: "endpoint" },
  properties: {
    ICECandidatePairs: computed("The candidate pair in use, when there is one", z.array(CandidatePair)),
    IceConnectionState: computed(
      "ICE state of the one component (RFC 8445)",
      z.array(z.object({ streamId: z.string(), componentId: z.int(), state: IceState })),
    ),
    DtlsConnectionState: computed(
      "DTLS state of the one component",
      z.array(
        z.object({
          streamId: z.string(),
          componentId: z.string(),
          connectionId: z.string(),
          state: DtlsState,
        }),
      ),
    ),
  },
  operations: {
    gatherCandidates: operation("Tells this side's candidates as events; the description has them already"),
    addIceCandidate: operation("Takes one candidate of the other side (RFC 8838)", {
      input: z.strictObject({ candidate: Candidate }),
    }),
  },
  events: {
    IceCandidateFound: z.object({ candidate: Candidate }),
    IceGatheringDone: z.object({}),
    IceComponentStateChanged: z.object({ streamId: z.int(), componentId: z.int(), state: IceState }),
    DtlsConnectionStateChange: z.object({
      streamId: z.string(),
      componentId: z.string(),
      connectionId: z.string(),
      state: DtlsState,
    }),
    NewCandidatePairSelected: z.object({ candidatePair: CandidatePair }),
  },
  create: createEndpoint,
});
