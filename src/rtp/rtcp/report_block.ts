// hot
import { putUint24, putUint32, uint24At, uint32At } from "../bytes.ts";

/** One reception report of an SR or RR (RFC 3550 section 6.4.1). */
export const REPORT_BLOCK_BYTES = 24;

/** The SSRC that is reported about. */
export function reportBlockSsrc(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at);
}

/** Loss since the previous report, in 1/256. */
export function reportBlockFractionLost(bytes: Uint8Array, at: number): number {
  return bytes[at + 4];
}

/** Packets lost since the beginning, -2^23–2^23-1: duplicates make it negative. */
export function reportBlockPacketsLost(bytes: Uint8Array, at: number): number {
  return (uint24At(bytes, at + 5) << 8) >> 8;
}

/** The highest sequence number received, with the number of its cycles above it: 32 bits. */
export function reportBlockHighestSequence(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at + 8);
}

/** Interarrival jitter in units of the RTP clock. */
export function reportBlockJitter(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at + 12);
}

/** LSR: the compact NTP time of the last sender report, 0 for none. */
export function reportBlockLastSenderReport(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at + 16);
}

/** DLSR: the delay since that report came, in units of 2^-16 s. */
export function reportBlockDelay(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at + 20);
}

/** Writes one block and returns its length. `packetsLost` is clamped to its 24 bits, as RFC 3550 A.3 wants. */
export function writeReportBlock(
  bytes: Uint8Array,
  at: number,
  ssrc: number,
  fractionLost: number,
  packetsLost: number,
  highestSequence: number,
  jitter: number,
  lastSenderReport: number,
  delay: number,
): number {
  putUint32(bytes, at, ssrc);
  bytes[at + 4] = fractionLost;
  putUint24(bytes, at + 5, Math.max(-0x800000, Math.min(0x7fffff, packetsLost)));
  putUint32(bytes, at + 8, highestSequence);
  putUint32(bytes, at + 12, jitter);
  putUint32(bytes, at + 16, lastSenderReport);
  putUint32(bytes, at + 20, delay);
  return REPORT_BLOCK_BYTES;
}
