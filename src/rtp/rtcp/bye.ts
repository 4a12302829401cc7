// hot
import { putUint32, uint32At } from "../bytes.ts";
import { BYE, RTCP_HEADER_BYTES, rtcpContentLength, rtcpCount, writeRtcpHeader } from "./packet.ts";

/** Sources that leave by the BYE of `length` bytes (RFC 3550 section 6.6), 0–31; -1 when it is shorter than that. */
export function byeCount(bytes: Uint8Array, offset: number, length: number): number {
  const count = rtcpCount(bytes, offset);
  return RTCP_HEADER_BYTES + count * 4 <= rtcpContentLength(bytes, offset, length) ? count : -1;
}

/** The SSRC of leaving source `index`. */
export function byeSsrc(bytes: Uint8Array, offset: number, index: number): number {
  return uint32At(bytes, offset + RTCP_HEADER_BYTES + index * 4);
}

/** Writes a BYE for the first `count` (1–31) of `ssrcs`, without a reason; returns its length. */
export function writeBye(bytes: Uint8Array, offset: number, ssrcs: Uint32Array, count: number): number {
  const length = RTCP_HEADER_BYTES + count * 4;
  writeRtcpHeader(bytes, offset, count, BYE, length);
  for (let i = 0; i < count; i++) putUint32(bytes, offset + RTCP_HEADER_BYTES + i * 4, ssrcs[i]);
  return length;
}
