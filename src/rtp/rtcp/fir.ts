// hot
import { putUint32, uint32At } from "../bytes.ts";
import { FEEDBACK_HEADER_BYTES, feedbackEntries, PSFB, writeFeedbackHeader } from "./packet.ts";

/** FMT of the full intra request (RFC 5104 section 4.3.1), under PSFB. */
export const FMT_FIR = 4;

const ENTRY_BYTES = 8;

/** Entries of the FIR of `length` bytes; -1 when malformed. */
export function firCount(bytes: Uint8Array, offset: number, length: number): number {
  return feedbackEntries(bytes, offset, length, ENTRY_BYTES);
}

/** The SSRC that entry `index` asks a keyframe of. */
export function firSsrc(bytes: Uint8Array, offset: number, index: number): number {
  return uint32At(bytes, offset + FEEDBACK_HEADER_BYTES + index * ENTRY_BYTES);
}

/** The command's number, 0–255: an entry that repeats the last one's is a retransmission, no new request. */
export function firSequence(bytes: Uint8Array, offset: number, index: number): number {
  return bytes[offset + FEEDBACK_HEADER_BYTES + index * ENTRY_BYTES + 4];
}

/** Writes a FIR for one SSRC; `sequence` grows by one (modulo 256) with each new request. Returns the length. */
export function writeFir(
  bytes: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  sequence: number,
): number {
  const length = FEEDBACK_HEADER_BYTES + ENTRY_BYTES;
  // RFC 5104 section 4.3.1.2: the media SSRC of the header is unused and 0; the entry names the source.
  writeFeedbackHeader(bytes, offset, FMT_FIR, PSFB, length, senderSsrc, 0);
  putUint32(bytes, offset + FEEDBACK_HEADER_BYTES, mediaSsrc);
  putUint32(bytes, offset + FEEDBACK_HEADER_BYTES + 4, sequence << 24);
  return length;
}
