// hot
import { putUint32 } from "../bytes.ts";
import { RR, rtcpContentLength, rtcpCount, writeRtcpHeader } from "./packet.ts";
import { REPORT_BLOCK_BYTES } from "./report_block.ts";

/** Header and sender's SSRC of an RR (RFC 3550 section 6.4.2), before its report blocks. */
const FIXED_BYTES = 8;

/** Report blocks of the RR of `length` bytes, 0–31; -1 when it is shorter than its count. Check before reading. */
export function receiverReportBlockCount(bytes: Uint8Array, offset: number, length: number): number {
  const count = rtcpCount(bytes, offset);
  return FIXED_BYTES + count * REPORT_BLOCK_BYTES <= rtcpContentLength(bytes, offset, length) ? count : -1;
}

/** Where report block `index` of the RR at `offset` starts. */
export function receiverReportBlock(offset: number, index: number): number {
  return offset + FIXED_BYTES + index * REPORT_BLOCK_BYTES;
}

/** Writes an RR with room for `blockCount` blocks, to be filled at `receiverReportBlock`; returns the whole length. */
export function writeReceiverReport(
  bytes: Uint8Array,
  offset: number,
  senderSsrc: number,
  blockCount: number,
): number {
  const length = FIXED_BYTES + blockCount * REPORT_BLOCK_BYTES;
  writeRtcpHeader(bytes, offset, blockCount, RR, length);
  putUint32(bytes, offset + 4, senderSsrc);
  return length;
}
