import { z } from "zod";
import { computed, defineElement, operation, settable } from "./define.ts";

const AudioVideo = z.enum(["AUDIO", "VIDEO"]);
const MediaType = z.enum(["AUDIO", "VIDEO", "DATA"]);
const FlowState = z.object({
  state: z.enum(["FLOWING", "NOT_FLOWING"]),
  padName: z.string(),
  mediaType: MediaType,
});
const Link = z.object({
  sink: z.string(),
  mediaType: MediaType,
  sourceMediaDescription: z.string(),
  sinkMediaDescription: z.string(),
});
const Transition = z.object({
  oldState: z.enum(["DISCONNECTED", "CONNECTED"]),
  newState: z.enum(["DISCONNECTED", "CONNECTED"]),
});

/** What all objects of a pipeline share. */
export const MediaObject = defineElement({
  type: "MediaObject",
  module: "core",
  extends: null,
  abstract: true,
  summary: "Anything that lives in a pipeline",
  properties: {
    sendTagsInEvents: settable("Whether events of this object carry its tags", z.boolean(), false),
  },
  events: {
    Error: z.object({ description: z.string(), errorCode: z.int(), type: z.string() }),
  },
});

/** An object with pads. */
export const MediaElement = defineElement({
  type: "MediaElement",
  module: "core",
  extends: MediaObject,
  abstract: true,
  summary: "An object with pads that can be connected to others",
  operations: {
    isMediaFlowingIn: operation("Whether media of this kind enters the element's sink pad", {
      input: z.strictObject({ mediaType: AudioVideo, sinkMediaDescription: z.literal("default").optional() }),
      output: z.boolean(),
    }),
    isMediaFlowingOut: operation("Whether media of this kind leaves the element's source pad", {
      input: z.strictObject({
        mediaType: AudioVideo,
        sourceMediaDescription: z.literal("default").optional(),
      }),
      output: z.boolean(),
    }),
  },
  events: {
    ElementConnected: Link,
    ElementDisconnected: Link,
    MediaFlowInStateChanged: FlowState,
    MediaFlowOutStateChanged: FlowState,
  },
});

/** An element where media enters or leaves the server. */
export const Endpoint = defineElement({
  type: "Endpoint",
  module: "core",
  extends: MediaElement,
  abstract: true,
  summary: "An element where media enters or leaves the server",
});

export const SessionEndpoint = defineElement({
  type: "SessionEndpoint",
  module: "core",
  extends: Endpoint,
  abstract: true,
  summary: "An endpoint whose media belongs to a session with a beginning and an end",
  events: { MediaSessionStarted: z.object({}), MediaSessionTerminated: z.object({}) },
});

const Sdp = z.string().min(1);

export const SdpEndpoint = defineElement({
  type: "SdpEndpoint",
  module: "core",
  extends: SessionEndpoint,
  abstract: true,
  summary: "A session endpoint negotiated by session descriptions (RFC 8866) in offer and answer (RFC 3264)",
  properties: {
    maxAudioRecvBandwidth: settable(
      "Most audio the other side should send, kbit/s, 0 for no limit; set it before negotiation",
      z.int().min(0),
      0,
    ),
    maxVideoRecvBandwidth: settable(
      "Most video the other side should send, kbit/s, 0 for no limit; set it before negotiation",
      z.int().min(0),
      0,
    ),
  },
  operations: {
    generateOffer: operation("Makes this side's offer", {
      input: z.strictObject({
        options: z.strictObject({
          offerToReceiveAudio: z.boolean().default(true),
          offerToReceiveVideo: z.boolean().default(true),
        }).optional(),
      }),
      output: z.string(),
    }),
    processOffer: operation("Takes the other side's offer and gives the answer", {
      input: z.strictObject({ offer: Sdp }),
      output: z.string(),
    }),
    processAnswer: operation(
      "Takes the other side's answer to generateOffer and gives the local description",
      {
        input: z.strictObject({ answer: Sdp }),
        output: z.string(),
      },
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
    mediaState: computed("CONNECTED while media arrives", z.enum(["DISCONNECTED", "CONNECTED"])),
    connectionState: computed("CONNECTED while the transport is up", z.enum(["DISCONNECTED", "CONNECTED"])),
  },
  operations: {
    requestKeyframe: operation("Asks for a keyframe on behalf of the peer that watches this element"),
  },
  events: { MediaStateChanged: Transition, ConnectionStateChanged: Transition },
});
