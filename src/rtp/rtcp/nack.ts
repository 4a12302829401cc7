// hot
import { putUint16, uint16At } from "../bytes.ts";
import { FEEDBACK_HEADER_BYTES, feedbackEntries, RTPFB, writeFeedbackHeader } from "./packet.ts";

/** FMT of the generic NACK (RFC 4585 section 6.2.1), under RTPFB. */
export const FMT_NACK = 1;

const ENTRY_BYTES = 4;
/** Sequence numbers after its PID that one entry's bit mask reaches. */
const MASK_REACH = 16;

/** Entries of the NACK of `length` bytes; -1 when malformed. */
export function nackCount(bytes: Uint8Array, offset: number, length: number): number {
  return feedbackEntries(bytes, offset, length, ENTRY_BYTES);
}

/** The sequence number that entry `index` of the NACK at `offset` says is lost. */
export function nackPid(bytes: Uint8Array, offset: number, index: number): number {
  return uint16At(bytes, offset + FEEDBACK_HEADER_BYTES + index * ENTRY_BYTES);
}

/** Bit i (from the lowest) says that PID + i + 1 is lost too. */
export function nackBlp(bytes: Uint8Array, offset: number, index: number): number {
  return uint16At(bytes, offset + FEEDBACK_HEADER_BYTES + index * ENTRY_BYTES + 2);
}

/**
 * Writes a NACK for the first `count` of `sequenceNumbers`, oldest first (their low 16 bits count, so that extended
 * ones will do); returns its length, which is at most 12 + 4 * count.
 */
export function writeNack(
  bytes: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  sequenceNumbers: Int32Array,
  count: number,
): number {
  let at = offset + FEEDBACK_HEADER_BYTES;
  for (let i = 0; i < count;) {
    const pid = sequenceNumbers[i++];
    let mask = 0;
    while (i < count) {
      const distance = (sequenceNumbers[i] - pid) & 0xffff;
      if (distance > MASK_REACH) break;
      if (distance > 0) mask |= 1 << (distance - 1);
      i++;
    }
    putUint16(bytes, at, pid);
    putUint16(bytes, at + 2, mask);
    at += ENTRY_BYTES;
  }
  writeFeedbackHeader(bytes, offset, FMT_NACK, RTPFB, at - offset, senderSsrc, mediaSsrc);
  return at - offset;
}
