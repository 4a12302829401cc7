import { AVERROR_EINVAL, AVERROR_INVALIDDATA } from "node-av/constants";
import { FFmpegError } from "node-av/lib";

/** Why a medium cannot be played, by Kurento's kinds of error. */
export class MediaFault extends Error {
  override name = "MediaFault";
  readonly kind: "INVALID_URI" | "INVALID_MEDIA" | "RESOURCE_ERROR_OPEN" | "RESOURCE_ERROR_READ";

  constructor(kind: MediaFault["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What an FFmpeg code of opening or reading means. */
export function faultOf(code: number, action: string, kind: MediaFault["kind"]): MediaFault {
  // So FFmpeg says that a format is not on the list of those that it may open.
  if (code === AVERROR_EINVAL) {
    return new MediaFault(
      "INVALID_MEDIA",
      `Cannot ${action}: it has none of the formats that are played here`,
    );
  }
  const text = `Cannot ${action}: ${FFmpegError.strerror(code)}`;
  return new MediaFault(code === AVERROR_INVALIDDATA ? "INVALID_MEDIA" : kind, text);
}

/** Any exception as a fault: what FFmpeg does not take is no sound medium. */
export function asFault(error: unknown): MediaFault {
  if (error instanceof MediaFault) return error;
  return new MediaFault("INVALID_MEDIA", error instanceof Error ? error.message : String(error));
}
