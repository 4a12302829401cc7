/** Boxes that a file of the MP4 family begins with (ISO/IEC 14496-12, and QuickTime before it). */
const firstBoxes = new Set(["ftyp", "wide", "free", "skip", "mdat", "moov", "pnot"]);
/** The index comes before the media, or the media is in fragments that have one each. */
const indexBoxes = new Set(["moov", "moof", "styp", "sidx"]);
/** What stands before the media is short. */
export const MAX_PREFIX_BYTES = 65_536;

/**
 * Where a file of the MP4 family has its index, by its first bytes: "last" can be played only once all of it is there.
 * Anything else is "first", and null where more bytes are needed to tell.
 */
export function indexPlace(bytes: Uint8Array): "first" | "last" | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < MAX_PREFIX_BYTES;) {
    if (at + 16 > bytes.length) return null;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (indexBoxes.has(type) || (at === 0 && !firstBoxes.has(type))) return "first";
    if (type === "mdat") return "last";
    const size = view.getUint32(at);
    if (size === 1) at += Number(view.getBigUint64(at + 8));
    else if (size >= 8) at += size;
    else return "first";
  }
  return "first";
}
