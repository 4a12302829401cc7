// hot
import { putUint24, putUint32, uint24At, uint32At } from "../bytes.ts";
import { FEEDBACK_HEADER_BYTES, PSFB, rtcpContentLength, writeFeedbackHeader } from "./packet.ts";

/** FMT of application layer feedback (RFC 4585 section 6.4), under PSFB; REMB is one of its kinds. */
export const FMT_AFB = 15;

/** The letters "REMB" (draft-alvestrand-rmcat-remb-03 section 2.2). */
const IDENTIFIER = 0x52454d42;
const FIXED_BYTES = FEEDBACK_HEADER_BYTES + 8;
const MANTISSA_LIMIT = 2 ** 18;
const MAX_EXPONENT = 63;

/**
 * SSRCs that the REMB of `length` bytes is about, 0–255; -1 when it is another kind of application feedback or
 * shorter than it says. Check before reading.
 */
export function rembSsrcCount(bytes: Uint8Array, offset: number, length: number): number {
  const content = rtcpContentLength(bytes, offset, length);
  if (content < FIXED_BYTES || uint32At(bytes, offset + FEEDBACK_HEADER_BYTES) !== IDENTIFIER) return -1;
  const count = bytes[offset + FEEDBACK_HEADER_BYTES + 4];
  return FIXED_BYTES + count * 4 <= content ? count : -1;
}

/** The SSRC at `index`. */
export function rembSsrc(bytes: Uint8Array, offset: number, index: number): number {
  return uint32At(bytes, offset + FIXED_BYTES + index * 4);
}

/** The estimated maximum bitrate over all its SSRCs, in bit/s: an 18-bit mantissa times 2^0–2^63. */
export function rembBitrateBps(bytes: Uint8Array, offset: number): number {
  const packed = uint24At(bytes, offset + FEEDBACK_HEADER_BYTES + 5);
  return (packed & 0x3ffff) * 2 ** (packed >>> 18);
}

/** Writes a REMB about the first `count` (0–255) of `ssrcs`; the bitrate is rounded down. Returns its length. */
export function writeRemb(
  bytes: Uint8Array,
  offset: number,
  senderSsrc: number,
  bitrateBps: number,
  ssrcs: Uint32Array,
  count: number,
): number {
  const length = FIXED_BYTES + count * 4;
  writeFeedbackHeader(bytes, offset, FMT_AFB, PSFB, length, senderSsrc, 0);
  putUint32(bytes, offset + FEEDBACK_HEADER_BYTES, IDENTIFIER);
  bytes[offset + FEEDBACK_HEADER_BYTES + 4] = count;
  let mantissa = Math.floor(bitrateBps);
  let exponent = 0;
  while (mantissa >= MANTISSA_LIMIT && exponent < MAX_EXPONENT) {
    mantissa = Math.floor(mantissa / 2);
    exponent++;
  }
  putUint24(bytes, offset + FEEDBACK_HEADER_BYTES + 5, (exponent << 18) | mantissa);
  for (let i = 0; i < count; i++) putUint32(bytes, offset + FIXED_BYTES + i * 4, ssrcs[i]);
  return length;
}
