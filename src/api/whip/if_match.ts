import { AppError } from "../../base/mod.ts";

/** The strong entity tag of an ICE generation (RFC 9725 section 4.3.1). */
export function entityTagOf(iceGeneration: string): string {
  return `"${iceGeneration}"`;
}

/**
 * The ICE generation that a PATCH insists on, null for any. Throws precondition_failed when it insists on another than
 * `current`, precondition_required when it says nothing and `strict` is set.
 *
 * Tolerant, it may say nothing, name the tag without quotes, or name it in an `ETag` request header as
 * @eyevinn/whip-web-client does (with the word "undefined" where it could not read ours).
 */
export function generationWanted(headers: Headers, current: string, strict: boolean): string | null {
  const tags = tagsOf(strict ? headers.get("If-Match") : tolerated(headers));
  if (tags === null) {
    if (strict) throw required();
    return null;
  }
  // The draft prints the star of an ICE restart in quotes.
  if (tags.includes("*") || tags.includes('"*"')) return null;
  if (tags.some((tag) => tag === entityTagOf(current) || (!strict && tag === current))) return current;
  throw new AppError(
    "precondition_failed",
    `Cannot patch the session: If-Match names ${tags.join(", ")} vs the present ${entityTagOf(current)}, ` +
      `take the ETag of the last answer`,
  );
}

function tagsOf(header: string | null): string[] | null {
  return header === null ? null : header.split(",").map((tag) => tag.trim());
}

function tolerated(headers: Headers): string | null {
  const header = headers.get("If-Match") ?? headers.get("ETag");
  return header === null || /^("?undefined"?|"?null"?|)$/.test(header.trim()) ? null : header;
}

function required(): AppError {
  return new AppError(
    "precondition_required",
    `Cannot patch the session: no If-Match was sent vs the session's ETag to trickle or "*" to restart ICE, send one`,
  );
}
