/** What the generator's packets carry: enough of VP8 (RFC 7741) for a server to see frames, then when they left. */
const TIME_AT = 24;
const MAGIC_AT = 20;
const MAGIC = 0x6b61736b;

/** Bytes of RTP payload that hold the time stamp; shorter ones cannot be measured. */
export const LEAST_PAYLOAD_BYTES = TIME_AT + 8;

/** Writes descriptor and frame header of one packet of a frame; the rest stays as it was. */
export function writeVp8(view: DataView, at: number, isFirst: boolean, isKeyframe: boolean): void {
  view.setUint8(at, isFirst ? 0x10 : 0);
  if (!isFirst) return;
  view.setUint8(at + 1, isKeyframe ? 0x10 : 0x11);
  view.setUint8(at + 2, 0);
  view.setUint8(at + 3, 0);
  if (!isKeyframe) return;
  // Start code, then 1280x720, little-endian (RFC 6386 section 9.1).
  [0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02].forEach((byte, i) => view.setUint8(at + 4 + i, byte));
}

/** Stamps a payload with the moment it leaves, in microseconds of the machine's clock. */
export function writeTime(view: DataView, at: number, nowUs: number): void {
  view.setUint32(at + MAGIC_AT, MAGIC);
  view.setFloat64(at + TIME_AT, nowUs);
}

/** When a payload left, NaN when it is none of ours. */
export function readTime(view: DataView, at: number): number {
  return view.getUint32(at + MAGIC_AT) === MAGIC ? view.getFloat64(at + TIME_AT) : NaN;
}
