// hot
import { FEEDBACK_HEADER_BYTES, PSFB, writeFeedbackHeader } from "./packet.ts";

/** FMT of the picture loss indication (RFC 4585 section 6.3.1), under PSFB. Its media SSRC is all it says. */
export const FMT_PLI = 1;

/** Writes a PLI and returns its length. */
export function writePli(bytes: Uint8Array, offset: number, senderSsrc: number, mediaSsrc: number): number {
  writeFeedbackHeader(bytes, offset, FMT_PLI, PSFB, FEEDBACK_HEADER_BYTES, senderSsrc, mediaSsrc);
  return FEEDBACK_HEADER_BYTES;
}
