import { z } from "zod";
import { defineElement, enumType, operation, UriEndpoint } from "../../module/mod.ts";

const MediaProfileSpecType = enumType(
  "elements",
  "MediaProfileSpecType",
  z.enum([
    ...["WEBM", "MKV", "MP4"] as const,
    ...["WEBM_VIDEO_ONLY", "WEBM_AUDIO_ONLY"] as const,
    ...["MKV_VIDEO_ONLY", "MKV_AUDIO_ONLY"] as const,
    ...["MP4_VIDEO_ONLY", "MP4_AUDIO_ONLY"] as const,
    ...["JPEG_VIDEO_ONLY", "KURENTO_SPLIT_RECORDER", "FLV"] as const,
  ]).describe("Container of a recording, and the kinds of media in it"),
);

/** No member of the interface takes it: it is a setting of the server. */
enumType(
  "elements",
  "GapsFixMethod",
  z.enum(["NONE", "GENPTS", "FILL_IF_TRANSCODING"]).describe("How a recorder fills gaps"),
);

/** Writes the media that enters it into a file. */
export default defineElement({
  type: "RecorderEndpoint",
  module: "elements",
  extends: UriEndpoint,
  summary: "Writes the media that enters it into a file, here or by HTTP",
  options: z.strictObject({
    uri: z.string().min(1).describe("Where the recording goes"),
    mediaProfile: MediaProfileSpecType.default("WEBM").describe("Container, and the kinds of media in it"),
    stopOnEndOfStream: z.boolean().default(false).describe("Stop when what feeds it ends"),
  }),
  pads: { audio: "endpoint", video: "endpoint" },
  operations: {
    record: operation("Starts to write, or goes on after pause"),
    stopAndWait: operation("Stops, and answers when the file is complete"),
  },
  events: {
    Recording: z.object({}).describe("It writes"),
    Paused: z.object({}).describe("It holds"),
    Stopped: z.object({}).describe("The file is complete"),
  },
});
