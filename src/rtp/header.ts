// hot
import { putUint16, putUint32, uint16At, uint32At } from "./bytes.ts";

/** The fixed part of an RTP header (RFC 3550 section 5.1), before CSRCs and extension. */
export const RTP_HEADER_BYTES = 12;

const VERSION_2 = 0x80;
const PADDING_BIT = 0x20;
const EXTENSION_BIT = 0x10;

/**
 * Bytes of the whole RTP header of the packet of `length` bytes at `offset`: fixed part, CSRCs and extension block.
 * -1 when it is not version 2 or does not fit into the packet. Every other accessor relies on this check.
 */
export function headerLength(bytes: Uint8Array, offset: number, length: number): number {
  if (length < RTP_HEADER_BYTES) return -1;
  const first = bytes[offset];
  if (first >>> 6 !== 2) return -1;
  const fixed = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & EXTENSION_BIT) === 0) return fixed <= length ? fixed : -1;
  if (fixed + 4 > length) return -1;
  const whole = fixed + 4 + uint16At(bytes, offset + fixed + 2) * 4;
  return whole <= length ? whole : -1;
}

/** True where the P bit says that the packet ends in padding. */
export function hasPadding(bytes: Uint8Array, offset: number): boolean {
  return (bytes[offset] & PADDING_BIT) !== 0;
}

/** True where the X bit says that an extension block follows the CSRCs. */
export function hasExtension(bytes: Uint8Array, offset: number): boolean {
  return (bytes[offset] & EXTENSION_BIT) !== 0;
}

/** Number of contributing sources, 0–15. */
export function csrcCount(bytes: Uint8Array, offset: number): number {
  return bytes[offset] & 0x0f;
}

/** The M bit: the last packet of a video frame, the first of a talkspurt. */
export function marker(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset + 1] >= 0x80;
}

/** 0–127. */
export function payloadType(bytes: Uint8Array, offset: number): number {
  return bytes[offset + 1] & 0x7f;
}

/** 0–65535. */
export function sequenceNumber(bytes: Uint8Array, offset: number): number {
  return uint16At(bytes, offset + 2);
}

/** In units of the payload type's clock, 0–2^32-1. */
export function timestamp(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 4);
}

/** The synchronisation source, 0–2^32-1. */
export function ssrc(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 8);
}

/**
 * Bytes of padding at the end of the packet of `length` bytes, its count byte included: 0 for none, -1 when the
 * count is 0 or reaches into the header.
 */
export function paddingLength(bytes: Uint8Array, offset: number, length: number): number {
  const header = headerLength(bytes, offset, length);
  if (header < 0) return -1;
  if (!hasPadding(bytes, offset)) return 0;
  const padding = length > header ? bytes[offset + length - 1] : 0;
  return padding > 0 && padding <= length - header ? padding : -1;
}

/** Writes the twelve bytes of a header without padding, extension and CSRCs. */
export function writeHeader(
  bytes: Uint8Array,
  offset: number,
  marker: boolean,
  payloadType: number,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
): void {
  bytes[offset] = VERSION_2;
  bytes[offset + 1] = marker ? 0x80 | payloadType : payloadType;
  putUint16(bytes, offset + 2, sequenceNumber);
  putUint32(bytes, offset + 4, timestamp);
  putUint32(bytes, offset + 8, ssrc);
}

/** Sets or clears the P bit; the padding itself is the caller's. */
export function setHasPadding(bytes: Uint8Array, offset: number, present: boolean): void {
  bytes[offset] = present ? bytes[offset] | PADDING_BIT : bytes[offset] & ~PADDING_BIT;
}

/** Sets or clears the X bit; the extension block itself is the caller's. */
export function setHasExtension(bytes: Uint8Array, offset: number, present: boolean): void {
  bytes[offset] = present ? bytes[offset] | EXTENSION_BIT : bytes[offset] & ~EXTENSION_BIT;
}

/** Keeps the M bit. `payloadType` is 0–127. */
export function setPayloadType(bytes: Uint8Array, offset: number, payloadType: number): void {
  bytes[offset + 1] = (bytes[offset + 1] & 0x80) | payloadType;
}

/** Takes the low 16 bits. */
export function setSequenceNumber(bytes: Uint8Array, offset: number, sequenceNumber: number): void {
  putUint16(bytes, offset + 2, sequenceNumber);
}

/** Takes the low 32 bits. */
export function setTimestamp(bytes: Uint8Array, offset: number, timestamp: number): void {
  putUint32(bytes, offset + 4, timestamp);
}

/** Takes the low 32 bits. */
export function setSsrc(bytes: Uint8Array, offset: number, ssrc: number): void {
  putUint32(bytes, offset + 8, ssrc);
}
