// hot
import { uint16At } from "../bytes.ts";

const UNIT_HEADER_BYTES = 2;
const FIRST_IRAP = 16;
const LAST_IRAP = 23;
const VPS = 32;
const SPS = 33;
const LAST_SINGLE = 47;
const AP = 48;
const FU = 49;

/**
 * True when the RTP payload of `length` bytes starts an H.265 random access point (RFC 7798 without
 * sprop-max-don-diff): it carries a VPS, an SPS, or the first slice segment of an IRAP picture. These may come in
 * several such packets, all of one timestamp.
 */
export function startsKeyframe(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 3) return false;
  const type = unitType(bytes[offset]);
  if (type <= LAST_SINGLE) return unitStarts(type, bytes[offset + 2]);
  if (type === AP) return aggregateStarts(bytes, offset + UNIT_HEADER_BYTES, offset + length, false);
  if (type !== FU || length < 4) return false;
  const fragment = bytes[offset + 2];
  return fragment >= 0x80 && unitStarts(fragment & 0x3f, bytes[offset + 3]);
}

/** True when the RTP payload carries a VPS or an SPS, or its first fragment: the stream brings its parameter sets itself. */
export function carriesParameterSets(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 3) return false;
  const type = unitType(bytes[offset]);
  if (type === AP) return aggregateStarts(bytes, offset + UNIT_HEADER_BYTES, offset + length, true);
  return isSet(type) || (type === FU && bytes[offset + 2] >= 0x80 && isSet(bytes[offset + 2] & 0x3f));
}

function unitType(header: number): number {
  return (header >>> 1) & 0x3f;
}

function aggregateStarts(bytes: Uint8Array, start: number, end: number, withSets: boolean): boolean {
  let at = start;
  while (at + 5 <= end) {
    const size = uint16At(bytes, at);
    if (at + 2 + size > end) return false;
    const type = unitType(bytes[at + 2]);
    if (size >= 3 && (withSets ? isSet(type) : unitStarts(type, bytes[at + 4]))) return true;
    at += 2 + size;
  }
  return false;
}

/** `payload` is the byte after the unit's header; its highest bit is first_slice_segment_in_pic_flag. */
function unitStarts(type: number, payload: number): boolean {
  if (type >= FIRST_IRAP && type <= LAST_IRAP) return payload >= 0x80;
  return isSet(type);
}

function isSet(type: number): boolean {
  return type === VPS || type === SPS;
}
