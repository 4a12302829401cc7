import { AVERROR_INVALIDDATA } from "node-av/constants";
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
  const text = `Cannot ${action}: ${FFmpegError.strerror(code)}`;
  return new MediaFault(code === AVERROR_INVALIDDATA ? "INVALID_MEDIA" : kind, text);
}
