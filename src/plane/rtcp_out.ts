// hot
import { writeReceiverReport, writeSdes } from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import type { Transport } from "./transport.ts";

/** SRTCP indices are 31 bits (RFC 3711 section 3.4). */
const INDEX_LIMIT = 0x7fffffff;

/**
 * Begins a compound RTCP packet in an egress slot with the empty receiver report and the CNAME that RFC 3550
 * section 6.1 wants before anything else, and returns its length so far. It stands at `context.udp.nextEgress()`.
 */
export function beginFeedback(context: Context, ssrc: number): number {
  const bytes = context.udp.egress.bytes;
  const offset = context.udp.nextEgress();
  const length = writeReceiverReport(bytes, offset, ssrc, 0);
  return length + writeSdes(bytes, offset + length, ssrc, context.cname);
}

/** Protects and queues the compound packet of `length` bytes at `offset` of the egress area. */
export function sendRtcp(context: Context, transport: Transport, offset: number, length: number): void {
  const cipher = transport.outCipher;
  if (cipher === null || !transport.selected) return;
  const total = cipher.protectRtcp(context.udp.egress, offset, length, transport.rtcpIndex);
  transport.rtcpIndex = transport.rtcpIndex === INDEX_LIMIT ? 0 : transport.rtcpIndex + 1;
  context.udp.push(transport.rtcpRow, offset, total);
  transport.packetsSent++;
  transport.bytesSent += total;
}
