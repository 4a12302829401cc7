import { z } from "zod";
import {
  complexType,
  computed,
  defineElement,
  extensionOption,
  int64,
  operation,
  settable,
  UriEndpoint,
} from "../../module/mod.ts";
import { createPlayer } from "./player.ts";

const milliseconds = () => int64(z.int().min(0)).describe("Milliseconds");

const VideoInfo = complexType(
  "elements",
  "VideoInfo",
  z.strictObject({
    isSeekable: z.boolean(),
    seekableInit: milliseconds(),
    seekableEnd: milliseconds(),
    duration: milliseconds(),
  }).describe("What is known of a video; all zero before it is open, duration 0 where nothing tells it"),
);

const options = z.strictObject({
  uri: z.string().min(1).regex(/\S/).describe(
    "Where the media is: a file below KASKADO_MEDIA_DIR by a relative path or file:, or http, https, rtsp, rtsps, " +
      "rtmp, rtmps or srt, as far as KASKADO_MEDIA_SCHEMES allows it. JPEGs one behind the other are shown as they " +
      "come, or 25 in a second where they are all there at once; a single picture is shown once, and has ended. A file " +
      "that is still being recorded is played as far as the recorder gets, without positions until it is complete",
  ),
  useEncodedMedia: z.boolean().default(false).describe("Hand on what is there without decoding it"),
  networkCache: z.int().min(0).default(2000).describe("Milliseconds that RTSP media waits for what is late"),
  loop: extensionOption(z.boolean().default(false)).describe("Begin again at the end, without EndOfStream"),
  reconnect: extensionOption(z.boolean().default(true)).describe(
    "Open a live source that was lost again, after waits that grow, and tell SourceReconnecting. By HTTP, live are " +
      "radios (icy-* fields, or ICY in the place of HTTP), cameras (multipart/x-mixed-replace) and playlists that " +
      "grow; other media of unknown length that breaks off or falls silent too, or just closes after it came at its " +
      "own pace. What ends as HTTP says has ended",
  ),
});

export type PlayerOptions = z.output<typeof options>;

/** Plays a file or a stream into the pipeline. */
export default defineElement({
  type: "PlayerEndpoint",
  module: "elements",
  extends: UriEndpoint,
  summary: "Plays a file, or a stream from the network, into the pipeline at its own pace",
  options,
  pads: { audio: "endpoint", video: "endpoint" },
  properties: {
    videoInfo: computed("What is known of the video", VideoInfo),
    elementGstreamerDot: computed("A drawing of the player's inside, as GraphViz text", z.string()),
    position: settable(
      "Where it plays, in milliseconds from the start; setting it goes to the very picture and sound that are there, " +
        "and with useEncodedMedia to the last keyframe up to there",
      milliseconds(),
      0,
    ),
  },
  operations: { play: operation("Plays on, or from the start after stop") },
  events: {
    EndOfStream: z.object({}).describe("The media has come to its end"),
    SourceReconnecting: z.object({
      attempt: z.int().min(1).describe("How many times it was tried since the source was lost"),
      reason: z.string().describe("What became of the source"),
    }).meta({ "x-extension": true }).describe("A live source was lost and is opened again"),
    SourceReconnected: z.object({ attempts: z.int().min(1).describe("How many it took") })
      .meta({ "x-extension": true }).describe("A live source that was lost is there again"),
  },
  create: createPlayer,
});
