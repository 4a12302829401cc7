import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";

/** Subtypes of what recorders write, by the beginning of the profile's name (RFC 9559 for Matroska). */
const subtypes: Readonly<Record<string, string>> = {
  WEBM: "webm",
  MKV: "matroska",
  MP4: "mp4",
  FMP4: "mp4",
  FLV: "x-flv",
};

/** The media type of a recording: whatever its file is called, it holds what its profile says. */
export function recordedTypeOf({ id, profile }: { id: string; profile: string }): string {
  if (profile === "HLS") return contentTypes[".m3u8"];
  const subtype = subtypes[profile.split("_")[0]];
  if (!subtype) return contentTypeOf(id);
  return `${profile.endsWith("_AUDIO_ONLY") ? "audio" : "video"}/${subtype}`;
}

/** By the ends of names (RFC 8216 section 10 for playlists). */
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

/** The media type of another file, by its name. */
export function contentTypeOf(path: string): string {
  return contentTypes[extname(path).toLowerCase()] ?? "application/octet-stream";
}

/** Names of the files beside a recording that it is made of: those that its playlist names, if it is one. */
export async function partsOf(path: string, profile: string): Promise<string[]> {
  if (profile !== "HLS") return [];
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
