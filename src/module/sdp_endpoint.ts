import { z } from "zod";
import { computed, defineElement, operation, settable } from "./define.ts";
import { SessionEndpoint } from "./endpoint.ts";
import { ConnectionState, MediaState } from "./media_types.ts";
import { OfferOptions, RembParams } from "./rtp_types.ts";

/** What is no description, empty text included, is refused by the endpoint itself: with sdp_invalid. */
const Sdp = z.string();
const kbps = z.int().min(0);

export const SdpEndpoint = defineElement({
  type: "SdpEndpoint",
  module: "core",
  extends: SessionEndpoint,
  abstract: true,
  summary: "A session endpoint negotiated by session descriptions (RFC 8866) in offer and answer (RFC 3264)",
  properties: {
    maxAudioRecvBandwidth: settable(
      "Most audio the other side should send, kbit/s, 0 for no limit; set it before negotiation",
      kbps,
      0,
    ),
    maxVideoRecvBandwidth: settable(
      "Most video the other side should send, kbit/s, 0 for no limit; set it before negotiation",
      kbps,
      0,
    ),
  },
  operations: {
    generateOffer: operation("Makes this side's offer", {
      input: z.strictObject({ options: OfferOptions.optional() }),
      output: z.string(),
    }),
    processOffer: operation("Takes the other side's offer and gives the answer", {
      input: z.strictObject({ offer: Sdp }),
      output: z.string(),
    }),
    processAnswer: operation(
      "Takes the other side's answer to generateOffer and gives the local description",
      { input: z.strictObject({ answer: Sdp }), output: z.string() },
    ),
    getLocalSessionDescriptor: operation("The description of this side", { output: z.string() }),
    getRemoteSessionDescriptor: operation("The description of the other side", { output: z.string() }),
  },
});

export const BaseRtpEndpoint = defineElement({
  type: "BaseRtpEndpoint",
  module: "core",
  extends: SdpEndpoint,
  abstract: true,
  summary: "An SDP endpoint whose media travels in RTP",
  properties: {
    minVideoRecvBandwidth: settable(
      "Least video the other side is asked to send, kbit/s, 0 for none",
      kbps,
      0,
    ),
    minVideoSendBandwidth: settable(
      "Least video sent to the other side, whatever it says it can take, kbit/s, 0 for none",
      kbps,
      0,
    ),
    maxVideoSendBandwidth: settable("Most video sent to the other side, kbit/s, 0 for no limit", kbps, 0),
    mediaState: computed("CONNECTED while media arrives", MediaState),
    connectionState: computed("CONNECTED while the transport is up", ConnectionState),
    mtu: settable(
      "Most bytes of an RTP packet that the server makes; what it forwards keeps its size",
      z.int().min(64).max(65_535),
      1200,
    ),
    rembParams: settable("How the bandwidth that the other side is told grows and falls", RembParams, {
      packetsRecvIntervalTop: 100,
      exponentialFactor: 0.04,
      linealFactorMin: 50,
      linealFactorGrade: 30,
      decrementFactor: 0.5,
      thresholdFactor: 0.8,
      upLosses: 12,
      rembOnConnect: 300_000,
    }),
  },
  operations: {
    requestKeyframe: operation("Asks for a keyframe on behalf of the peer that watches this element"),
  },
  events: {
    MediaStateChanged: z.object({ oldState: MediaState, newState: MediaState }).describe(
      "Media began or ceased to arrive",
    ),
    ConnectionStateChanged: z.object({ oldState: ConnectionState, newState: ConnectionState }).describe(
      "The transport came up or went down",
    ),
  },
});
