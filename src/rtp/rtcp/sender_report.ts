// hot
import { putUint32, uint32At } from "../bytes.ts";
import { rtcpContentLength, rtcpCount, SR, writeRtcpHeader } from "./packet.ts";
import { REPORT_BLOCK_BYTES } from "./report_block.ts";

/** Header and sender information of an SR (RFC 3550 section 6.4.1), before its report blocks. */
const FIXED_BYTES = 28;

/** Report blocks of the SR of `length` bytes, 0–31; -1 when it is shorter than its count. Check before reading. */
export function senderReportBlockCount(bytes: Uint8Array, offset: number, length: number): number {
  const count = rtcpCount(bytes, offset);
  return FIXED_BYTES + count * REPORT_BLOCK_BYTES <= rtcpContentLength(bytes, offset, length) ? count : -1;
}

/** Where report block `index` of the SR at `offset` starts. */
export function senderReportBlock(offset: number, index: number): number {
  return offset + FIXED_BYTES + index * REPORT_BLOCK_BYTES;
}

/** Seconds since 1900 when the report was sent. */
export function senderReportNtpSeconds(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 8);
}

/** Fraction of that second in units of 2^-32. */
export function senderReportNtpFraction(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 12);
}

/** The same moment on the RTP clock of the SSRC. */
export function senderReportRtpTimestamp(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 16);
}

/** RTP packets sent so far. */
export function senderReportPacketCount(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 20);
}

/** Payload bytes sent so far, without headers and padding. */
export function senderReportOctetCount(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset + 24);
}

/** Writes an SR with room for `blockCount` blocks, to be filled at `senderReportBlock`; returns the whole length. */
export function writeSenderReport(
  bytes: Uint8Array,
  offset: number,
  ssrc: number,
  ntpSeconds: number,
  ntpFraction: number,
  rtpTimestamp: number,
  packetCount: number,
  octetCount: number,
  blockCount: number,
): number {
  const length = FIXED_BYTES + blockCount * REPORT_BLOCK_BYTES;
  writeRtcpHeader(bytes, offset, blockCount, SR, length);
  putUint32(bytes, offset + 4, ssrc);
  putUint32(bytes, offset + 8, ntpSeconds);
  putUint32(bytes, offset + 12, ntpFraction);
  putUint32(bytes, offset + 16, rtpTimestamp);
  putUint32(bytes, offset + 20, packetCount);
  putUint32(bytes, offset + 24, octetCount);
  return length;
}
