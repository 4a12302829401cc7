import { FormatContext } from "node-av/lib";
import { type PlaylistSegment, playlistText } from "./playlist.ts";

const END = "#EXT-X-ENDLIST";

/**
 * Ends the playlists of a recording that broke off: those in `folder` whose segments are named `stem`, or `stem` and the
 * mark of a continuation. Segments that were being written count as far as they go.
 */
export async function repairPlaylists(folder: string, stem: string, extension: string): Promise<void> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const firsts = names.filter((name) => name.startsWith(stem) && name.endsWith("-00001.ts"));
  for (const first of firsts) {
    const base = first.slice(0, -"-00001.ts".length);
    const mark = base.slice(stem.length);
    if (mark === "" || /^-\d{8}T\d{9}Z$/.test(mark)) await repair(folder, base, extension, names);
  }
}

/** Ends the playlist of this name, whose first segments may be elsewhere by now. */
export async function repairPlaylist(folder: string, playlist: string, names: string[]): Promise<void> {
  const dot = playlist.lastIndexOf(".");
  await repair(folder, playlist.slice(0, dot), playlist.slice(dot + 1), names);
}

async function repair(folder: string, base: string, extension: string, names: string[]): Promise<void> {
  const path = `${folder}/${base}.${extension}`;
  const text = await Deno.readTextFile(path).catch(() => "");
  if (text.includes(END)) return;
  const segments = segmentsOf(text);
  const listed = new Set(segments.map(({ name }) => name));
  const others = names.filter((name) => isSegmentOf(base, name) && !listed.has(name)).sort();
  for (const name of others) {
    const durationMs = await durationOf(`${folder}/${name}`);
    if (durationMs > 0) segments.push({ name, durationMs });
  }
  if (segments.length > 0) await Deno.writeTextFile(path, playlistText(segments, 0, true));
}

const isSegmentOf = (base: string, name: string) =>
  name.startsWith(base) && /^-\d{5,}\.ts$/.test(name.slice(base.length));

function segmentsOf(text: string): PlaylistSegment[] {
  return [...text.matchAll(/#EXTINF:([\d.]+),\n(.+)\n/g)].map(([, seconds, name]) => ({
    name: decodeURIComponent(name),
    durationMs: Number(seconds) * 1000,
  }));
}

/** 0 for what cannot be played. */
async function durationOf(path: string): Promise<number> {
  const format = new FormatContext();
  if (await format.openInput(path) < 0) return 0;
  const found = await format.findStreamInfo();
  const durationMs = found < 0 || format.duration < 0n ? 0 : Number(format.duration) / 1000;
  await format.closeInput();
  return durationMs;
}
