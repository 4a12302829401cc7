import { beginsWithJpeg } from "./web_body.ts";

/** Pictures that are larger than this stand alone. */
const MAX_BYTES = 1 << 25;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** What a file of JPEG holds: nothing of that kind, one picture, or several one behind the other, as a film. */
export async function jpegsIn(path: string): Promise<"none" | "one" | "several"> {
  try {
    using file = await Deno.open(path);
    const beginning = new Uint8Array(3);
    if (await file.read(beginning) !== 3 || !beginsWithJpeg(beginning)) return "none";
    await file.seek(0, Deno.SeekMode.Start);
    const bytes = new Uint8Array(Math.min((await file.stat()).size, MAX_BYTES));
    for (let filled = 0; filled < bytes.length;) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    const end = endOfJpeg(bytes);
    return end !== null && beginsWithJpeg(bytes.subarray(end)) ? "several" : "one";
  } catch {
    // Who opens it says what is wrong with it.
    return "none";
  }
}

/**
 * Where the JPEG ends that the bytes begin with, null where they do not have all of it (ITU-T T.81 annex B). The previews
 * that cameras put into their pictures are passed over.
 */
function endOfJpeg(bytes: Uint8Array): number | null {
  for (let at = 2; at + 3 < bytes.length || bytes[at + 1] === END_OF_IMAGE;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1];
    if (marker === END_OF_IMAGE) return at + 2;
    if (marker === 0xff) at++;
    else {
      at += 2 + (bytes[at + 2] << 8 | bytes[at + 3]);
      if (marker === START_OF_SCAN) at = nextMarker(bytes, at);
    }
  }
  return null;
}

/** Behind the data of a scan, in which 0xFF is followed by 0, or by the number of a restart. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== 0 && next !== 0xff && (next & 0xf8) !== 0xd0) return at;
  }
  return bytes.length;
}
