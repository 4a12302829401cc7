import { AppError } from "../../base/mod.ts";

export const sdpType = "application/sdp";
/** A piece of an SDP with ICE credentials and candidates (RFC 8840 section 9). */
export const fragmentType = "application/trickle-ice-sdpfrag";

/** The media type of a Content-Type header, in lower case and without parameters; "" when there is none. */
export function mediaTypeOf(header: string | null): string {
  return (header ?? "").split(";")[0].trim().toLowerCase();
}

/** Why a body of type `found` is not taken, and which ones are. */
export function wrongMediaType(found: string, wanted: readonly string[]): AppError {
  return new AppError(
    "media_type_unsupported",
    `Cannot read the body: its type is "${found}" vs ${wanted.join(" or ")}, set Content-Type`,
  );
}
