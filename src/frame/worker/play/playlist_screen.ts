import { MediaFault } from "./media_fault.ts";

/** What every playlist of HLS begins with (RFC 8216 section 4.3.1.1). */
const BEGINNING = new TextEncoder().encode("#EXTM3U");
/** A day in pieces of a second. */
const MAX_PLAYLIST_BYTES = 4 * 1024 * 1024;

/**
 * Hands on what may pass of a body. FFmpeg opens what a playlist calls another playlist by any protocol that it may use at
 * all, and plain TCP is among those: so a playlist is read to its end here, and passes whole or not at all. Throws
 * MediaFault for one that names anything but HTTP.
 */
export async function* screened(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array();
  for await (const chunk of body) {
    if (held.length >= BEGINNING.length && !isPlaylist(held)) {
      yield chunk;
      continue;
    }
    held = joined(held, chunk);
    if (held.length > MAX_PLAYLIST_BYTES) throw new MediaFault("INVALID_MEDIA", "The playlist is too long");
    if (held.length >= BEGINNING.length && !isPlaylist(held)) yield held;
  }
  if (isPlaylist(held)) requireWebOnly(new TextDecoder().decode(held));
  if (held.length < BEGINNING.length || isPlaylist(held)) yield held;
}

const isPlaylist = (bytes: Uint8Array) =>
  bytes.length >= BEGINNING.length && BEGINNING.every((byte, at) => bytes[at] === byte);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** Lines and attributes as FFmpeg takes them apart, which lets a backslash stand before any character. */
function requireWebOnly(playlist: string): void {
  for (const line of playlist.split(/[\r\n\0]/)) {
    const uris = line.startsWith("#") ? line.split("URI=").slice(1) : [line];
    for (const uri of uris) {
      const scheme = /^["\s]*([^/?#:"]*):/.exec(uri.replaceAll("\\", ""))?.[1];
      if (scheme === undefined || /^https?$/i.test(scheme)) continue;
      throw new MediaFault(
        "INVALID_URI",
        `Cannot play the playlist: it leads to "${scheme}:", and not to HTTP`,
      );
    }
  }
}
