// hot
import { putUint32, uint32At } from "../bytes.ts";
import { RTCP_HEADER_BYTES, rtcpContentLength, rtcpCount, SDES, writeRtcpHeader } from "./packet.ts";

const ITEM_END = 0;
const ITEM_CNAME = 1;
const ITEM_HEADER_BYTES = 2;

/**
 * Where the text of the CNAME of `ssrc` starts in the SDES packet of `length` bytes (RFC 3550 section 6.5.1); the
 * byte before holds its length, 0–255. -1 when there is none, or the packet breaks off before it.
 */
export function sdesCname(bytes: Uint8Array, offset: number, length: number, ssrc: number): number {
  const end = offset + rtcpContentLength(bytes, offset, length);
  let chunk = offset + RTCP_HEADER_BYTES;
  for (let left = rtcpCount(bytes, offset); left > 0 && chunk + 4 <= end; left--) {
    const wanted = uint32At(bytes, chunk) === ssrc;
    let item = chunk + 4;
    while (item < end && bytes[item] !== ITEM_END) {
      const next = itemEnd(bytes, item, end);
      if (next < 0) return -1;
      if (wanted && bytes[item] === ITEM_CNAME) return item + ITEM_HEADER_BYTES;
      item = next;
    }
    // A chunk ends in one to four null bytes, up to the next word.
    chunk = offset + (((item - offset) >> 2) + 1) * 4;
  }
  return -1;
}

function itemEnd(bytes: Uint8Array, item: number, end: number): number {
  if (item + ITEM_HEADER_BYTES > end) return -1;
  const next = item + ITEM_HEADER_BYTES + bytes[item + 1];
  return next <= end ? next : -1;
}

/** Writes an SDES packet with the CNAME (UTF-8, at most 255 bytes) of one SSRC; returns its length. */
export function writeSdes(bytes: Uint8Array, offset: number, ssrc: number, cname: Uint8Array): number {
  const textAt = offset + RTCP_HEADER_BYTES + 4 + ITEM_HEADER_BYTES;
  const textEnd = textAt + cname.length;
  const length = (((textEnd - offset) >> 2) + 1) * 4;
  writeRtcpHeader(bytes, offset, 1, SDES, length);
  putUint32(bytes, offset + 4, ssrc);
  bytes[textAt - 2] = ITEM_CNAME;
  bytes[textAt - 1] = cname.length;
  bytes.set(cname, textAt);
  bytes.fill(ITEM_END, textEnd, offset + length);
  return length;
}
