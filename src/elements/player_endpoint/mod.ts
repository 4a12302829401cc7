import { z } from "zod";
import {
  complexType,
  computed,
  defineElement,
  int64,
  operation,
  settable,
  UriEndpoint,
} from "../../module/mod.ts";

const milliseconds = () => int64(z.int().min(0)).describe("Milliseconds");

const VideoInfo = complexType(
  "elements",
  "VideoInfo",
  z.strictObject({
    isSeekable: z.boolean(),
    seekableInit: milliseconds(),
    seekableEnd: milliseconds(),
    duration: milliseconds(),
  }).describe("What is known of a video"),
);

/** Plays a file or a stream into the pipeline. */
export default defineElement({
  type: "PlayerEndpoint",
  module: "elements",
  extends: UriEndpoint,
  summary: "Plays a file, or a stream by RTSP or HTTP, into the pipeline at its own pace",
  options: z.strictObject({
    uri: z.string().min(1).describe("Where the media is"),
    useEncodedMedia: z.boolean().default(false).describe("Hand on what is there without decoding it"),
    networkCache: z.int().min(0).default(2000).describe(
      "Milliseconds that RTSP media waits for what is late",
    ),
  }),
  pads: { audio: "endpoint", video: "endpoint" },
  properties: {
    videoInfo: computed("What is known of the video", VideoInfo),
    elementGstreamerDot: computed("A drawing of the player's inside, as GraphViz text", z.string()),
    position: settable("Where it plays, in milliseconds from the start; setting it seeks", milliseconds(), 0),
  },
  operations: { play: operation("Plays on, or from the start after stop") },
  events: { EndOfStream: z.object({}).describe("The media has come to its end") },
});
