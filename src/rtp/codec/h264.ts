// hot
import { uint16At } from "../bytes.ts";

const IDR = 5;
const SPS = 7;
const LAST_SINGLE = 23;
const STAP_A = 24;
const FU_A = 28;

/**
 * True when the RTP payload of `length` bytes starts an H.264 random access point (RFC 6184 packetisation modes 0
 * and 1): it carries an SPS, or the first slice of an IDR picture. Parameter sets and IDR of one picture may come in
 * several such packets, all of one timestamp.
 */
export function startsKeyframe(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 2) return false;
  const type = bytes[offset] & 0x1f;
  if (type <= LAST_SINGLE) return unitStarts(type, bytes[offset + 1]);
  if (type === STAP_A) return aggregateStarts(bytes, offset + 1, offset + length, false);
  if (type !== FU_A || length < 3) return false;
  const fragment = bytes[offset + 1];
  return fragment >= 0x80 && unitStarts(fragment & 0x1f, bytes[offset + 2]);
}

/** True when the RTP payload carries an SPS, or its first fragment: the stream brings its parameter sets itself. */
export function carriesParameterSets(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 2) return false;
  const type = bytes[offset] & 0x1f;
  if (type === STAP_A) return aggregateStarts(bytes, offset + 1, offset + length, true);
  return type === SPS || (type === FU_A && bytes[offset + 1] >= 0x80 && (bytes[offset + 1] & 0x1f) === SPS);
}

function aggregateStarts(bytes: Uint8Array, start: number, end: number, withSps: boolean): boolean {
  let at = start;
  while (at + 4 <= end) {
    const size = uint16At(bytes, at);
    if (at + 2 + size > end) return false;
    const type = bytes[at + 2] & 0x1f;
    if (size >= 2 && (withSps ? type === SPS : unitStarts(type, bytes[at + 3]))) return true;
    at += 2 + size;
  }
  return false;
}

/** `payload` is the byte after the NAL unit header; its highest bit, set, is a slice's first_mb_in_slice of 0. */
function unitStarts(type: number, payload: number): boolean {
  return type === SPS || (type === IDR && payload >= 0x80);
}
