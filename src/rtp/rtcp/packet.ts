// hot
import { putUint16, putUint32, uint16At, uint32At } from "../bytes.ts";

/** RTCP packet types (RFC 3550 section 12.1, RFC 4585 section 6.1). */
export const SR = 200;
export const RR = 201;
export const SDES = 202;
export const BYE = 203;
export const RTPFB = 205;
export const PSFB = 206;

/** The common header of every RTCP packet. */
export const RTCP_HEADER_BYTES = 4;
/** The common header and both SSRCs of a feedback message (RFC 4585 section 6.1); its FCI follows. */
export const FEEDBACK_HEADER_BYTES = 12;

/** The packet type, 0–255. */
export function rtcpType(bytes: Uint8Array, offset: number): number {
  return bytes[offset + 1];
}

/** The five bits after P: report, source or chunk count, or the FMT of a feedback message. */
export function rtcpCount(bytes: Uint8Array, offset: number): number {
  return bytes[offset] & 0x1f;
}

/**
 * Bytes of the RTCP packet at `offset` in a compound packet that ends at `end`; -1 when it is not version 2 or
 * reaches beyond. The next packet of the compound starts that many bytes later.
 */
export function rtcpLength(bytes: Uint8Array, offset: number, end: number): number {
  if (offset + RTCP_HEADER_BYTES > end) return -1;
  if (bytes[offset] >>> 6 !== 2) return -1;
  const length = (uint16At(bytes, offset + 2) + 1) * 4;
  return offset + length <= end ? length : -1;
}

/** `length` without the padding that the P bit announces; -1 when that count is impossible. */
export function rtcpContentLength(bytes: Uint8Array, offset: number, length: number): number {
  if ((bytes[offset] & 0x20) === 0) return length;
  const padding = bytes[offset + length - 1];
  const content = length - padding;
  return padding > 0 && content >= RTCP_HEADER_BYTES ? content : -1;
}

/** The SSRC that follows the common header: of the sender of SR, RR, APP and feedback messages. */
export function rtcpSenderSsrc(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 4);
}

/** The SSRC of the media that a feedback message is about (0 in FIR and REMB, whose FCI names it). */
export function feedbackMediaSsrc(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 8);
}

/** Whole entries of `entryBytes` in the FCI of a feedback message of `length` bytes; -1 when malformed. */
export function feedbackEntries(
  bytes: Uint8Array,
  offset: number,
  length: number,
  entryBytes: number,
): number {
  const content = rtcpContentLength(bytes, offset, length);
  if (content < FEEDBACK_HEADER_BYTES) return -1;
  return Math.floor((content - FEEDBACK_HEADER_BYTES) / entryBytes);
}

/** Writes the common header; `length` is the whole packet's bytes, a multiple of 4. */
export function writeRtcpHeader(
  bytes: Uint8Array,
  offset: number,
  count: number,
  type: number,
  length: number,
): void {
  bytes[offset] = 0x80 | count;
  bytes[offset + 1] = type;
  putUint16(bytes, offset + 2, (length >>> 2) - 1);
}

/** Writes the first twelve bytes of a feedback message. */
export function writeFeedbackHeader(
  bytes: Uint8Array,
  offset: number,
  format: number,
  type: number,
  length: number,
  senderSsrc: number,
  mediaSsrc: number,
): void {
  writeRtcpHeader(bytes, offset, format, type, length);
  putUint32(bytes, offset + 4, senderSsrc);
  putUint32(bytes, offset + 8, mediaSsrc);
}
