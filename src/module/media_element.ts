import { z } from "zod";
import { objectOf } from "../graph/mod.ts";
import { defineElement, extension, operation, settable } from "./define.ts";
import { drawOperations } from "./draw_operations.ts";
import { MediaObject } from "./media_object.ts";
import {
  AudioCaps,
  ElementConnectionData,
  MediaFlowState,
  MediaTranscodingState,
  MediaType,
  VideoCaps,
} from "./media_types.ts";
import { Stats } from "./stats_types.ts";

const description = z.string().default("default").describe("Name of the pad");
const bitrate = z.int().min(0).max(2_147_483_647);

const links = z.strictObject({
  mediaType: MediaType.optional().describe("Absent: every kind"),
  description: z.string().optional().describe("Name of the pad; absent: every pad"),
});
const ends = z.strictObject({
  sink: objectOf("MediaElement"),
  mediaType: MediaType.optional().describe("Absent: every kind that both ends have a pad for"),
  sourceMediaDescription: z.string().optional().describe("Name of the source pad"),
  sinkMediaDescription: z.string().optional().describe("Name of the sink pad"),
});

const Link = z.object({
  sink: objectOf("MediaElement"),
  mediaType: MediaType,
  sourceMediaDescription: z.string(),
  sinkMediaDescription: z.string(),
});
const Flow = z.object({ state: MediaFlowState, padName: z.string(), mediaType: MediaType });

/** An object with pads. */
export const MediaElement = defineElement({
  type: "MediaElement",
  module: "core",
  extends: MediaObject,
  abstract: true,
  summary: "An object with pads that can be connected to others",
  properties: {
    encoderBitrate: settable(
      "Rate at which it encodes, bit/s, where it encodes at all; until it is set, the rate follows the size of pictures",
      bitrate,
      300_000,
    ),
    minEncoderBitrate: settable("Least rate of an encoder that adapts, bit/s", bitrate, 0),
    maxEncoderBitrate: settable("Most rate of an encoder that adapts, bit/s", bitrate, 2_147_483_647),
    audioFormat: extension(
      settable(
        "The only audio format it negotiates, and what it makes of what it gives to those who take that; null for all. " +
          "The bitrate is that of its encoder, where it encodes; 0 leaves that open",
        AudioCaps.nullable(),
        null,
      ),
    ),
    videoFormat: extension(
      settable(
        "The only video format it negotiates, and what it makes of what it gives to those who take that; null for all. " +
          "The frame rate is the most that its encoder gives, where it encodes; 0 leaves that open",
        VideoCaps.nullable(),
        null,
      ),
    ),
  },
  operations: {
    getSourceConnections: operation("Connections that feed this element", {
      input: links,
      output: z.array(ElementConnectionData),
    }),
    getSinkConnections: operation("Connections that this element feeds", {
      input: links,
      output: z.array(ElementConnectionData),
    }),
    connect: operation("Feeds a sink from this element, in place of what fed it before", { input: ends }),
    disconnect: operation("Feeds a sink no more", { input: ends }),
    setAudioFormat: operation("Has the element use this audio format only", {
      input: z.strictObject({ caps: AudioCaps }),
    }),
    setVideoFormat: operation("Has the element use this video format only", {
      input: z.strictObject({ caps: VideoCaps }),
    }),
    ...drawOperations,
    getStats: operation("Figures of the element's streams, by an id that is stable", {
      input: z.strictObject({ mediaType: MediaType.optional().describe("Absent: every kind") }),
      output: z.record(z.string(), Stats),
    }),
    isMediaFlowingIn: operation("Whether media of this kind enters the element's sink pad", {
      input: z.strictObject({ mediaType: MediaType, sinkMediaDescription: description }),
      output: z.boolean(),
    }),
    isMediaFlowingOut: operation("Whether media of this kind leaves the element's source pad", {
      input: z.strictObject({ mediaType: MediaType, sourceMediaDescription: description }),
      output: z.boolean(),
    }),
    isMediaTranscoding: operation("Whether media of this kind is decoded and encoded again here", {
      input: z.strictObject({ mediaType: MediaType, binName: description }),
      output: z.boolean(),
    }),
  },
  events: {
    ElementConnected: Link.describe("This element feeds another one now"),
    ElementDisconnected: Link.describe("This element feeds another one no more"),
    MediaFlowOutStateChanged: Flow.describe("Media began or ceased to leave a source pad"),
    MediaFlowInStateChanged: Flow.describe("Media began or ceased to enter a sink pad"),
    MediaTranscodingStateChanged: z.object({
      state: MediaTranscodingState,
      binName: z.string(),
      mediaType: MediaType,
    }).describe("Media is now, or is no more, decoded and encoded again"),
  },
});
