import { z } from "zod";
import { AppError, enumType, extensionOption, type RecordProfile } from "../../module/mod.ts";

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

export const options = z.strictObject({
  uri: z.string().min(1).regex(/\S/).describe(
    "Where the recording goes: a file below KASKADO_MEDIA_DIR by a relative path or file:, or an http or https URL " +
      "that takes PUT",
  ),
  mediaProfile: MediaProfileSpecType.default("WEBM").describe("Container, and the kinds of media in it"),
  stopOnEndOfStream: z.boolean().default(false).describe("Stop when all that feeds it has ended"),
  container: extensionOption(z.enum(["HLS", "FMP4"]).optional()).describe(
    "In place of mediaProfile: HLS with its playlist at the URI, or fragmented MP4; H264 with AAC",
  ),
  segmentMs: extensionOption(z.int().min(1000).optional()).describe(
    "Begin another file at the first keyframe after so many milliseconds; HLS: length of its segments",
  ),
  segmentBytes: extensionOption(z.int().min(65_536).optional()).describe(
    "Begin another file at the first keyframe after so many bytes",
  ),
  graceMs: extensionOption(z.int().min(0).max(60_000).default(3000)).describe(
    "Milliseconds after which a recording of audio and video begins without the one that has not come",
  ),
});

export type RecorderOptions = z.output<typeof options>;

/** What the recorder writes by. Throws value_unacceptable for what this server does not have, or nobody can mean. */
export function profileOf({ container, mediaProfile }: RecorderOptions): RecordProfile {
  if (container && !["WEBM", "MP4"].includes(mediaProfile)) {
    throw new AppError(
      "value_unacceptable",
      `Cannot create a RecorderEndpoint: container is ${container} and mediaProfile ${mediaProfile} vs one of them, ` +
        "leave mediaProfile out",
    );
  }
  if (container) return container;
  if (mediaProfile !== "KURENTO_SPLIT_RECORDER") return mediaProfile;
  throw new AppError(
    "value_unacceptable",
    "Cannot create a RecorderEndpoint: mediaProfile is KURENTO_SPLIT_RECORDER, which needs a plug-in of Kurento's; " +
      "choose another, with segmentMs or segmentBytes for files one after the other",
  );
}
