import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";

/** Media types of what recorders write (RFC 9559 for Matroska, RFC 8216 section 10 for playlists). */
const contentTypes: Readonly<Record<string, string>> = {
  ".webm": "video/webm",
  ".mkv": "video/matroska",
  ".mka": "audio/matroska",
  ".mp4": "video/mp4",
  ".m4a": "audio/mp4",
  ".m4s": "video/iso.segment",
  ".flv": "video/x-flv",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".ts": "video/mp2t",
  ".jpg": "image/jpeg",
  ".mjpeg": "video/x-motion-jpeg",
};

/** The media type of a file by its name. */
export function contentTypeOf(path: string): string {
  return contentTypes[extname(path).toLowerCase()] ?? "application/octet-stream";
}

/** Names of the files beside a playlist that it is made of; [] for what is no playlist. */
export async function partsOf(path: string): Promise<string[]> {
  if (extname(path).toLowerCase() !== ".m3u8") return [];
  return namesIn(await readFile(path, { encoding: "utf8" }).catch(() => ""));
}

/** What a playlist names in its own folder: nothing that leads out of it (RFC 8216 section 4.1). */
function namesIn(playlist: string): string[] {
  const maps = [...playlist.matchAll(/^#EXT-X-MAP:.*URI="([^"]+)"/gm)].map(([, uri]) => uri);
  const lines = playlist.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  const names = [...maps, ...lines].map(decoded).filter((name) =>
    name === basename(name) && !name.startsWith(".")
  );
  return [...new Set(names)];
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
