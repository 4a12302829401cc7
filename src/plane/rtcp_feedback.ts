// hot
import { writeFir, writeNack, writePli, writeRemb } from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import type { Inbound } from "./inbound.ts";
import { beginFeedback, sendRtcp } from "./rtcp_out.ts";
import type { Transport } from "./transport.ts";

/** NACK entries per packet: 250 far-apart losses are 1000 bytes. */
const dueNacks = new Int32Array(250);
const rembSsrcs = new Uint32Array(32);

/** Asks a publisher for a keyframe, by PLI (RFC 4585 section 6.3.1), or by FIR where only that was negotiated. */
export function sendKeyframeRequest(context: Context, inbound: Inbound): void {
  const receiver = inbound.receiver;
  const transport = receiver.transport;
  if (!transport.canSend()) return;
  // RFC 4585 section 4: RTP/AVP knows no such message. Browsers, and what came by WHIP, are asked in any case.
  if (transport.side !== null && !receiver.pliWanted && !receiver.firWanted) return;
  const bytes = context.udp.egress.bytes;
  const offset = context.udp.nextEgress();
  const local = receiver.spec.localSsrc;
  let length = beginFeedback(context, local);
  if (receiver.firWanted && !receiver.pliWanted) {
    length += writeFir(bytes, offset + length, local, inbound.ssrc, inbound.firCount & 0xff);
    inbound.firCount++;
  } else {
    length += writePli(bytes, offset + length, local, inbound.ssrc);
    inbound.pliCount++;
  }
  sendRtcp(context, transport, offset, length);
}

/** Asks for the missing packets of a stream whose time has come. */
export function sendNacks(context: Context, inbound: Inbound): void {
  const nack = inbound.nack;
  const transport = inbound.receiver.transport;
  if (nack === null || nack.count === 0 || !transport.canSend()) return;
  const count = nack.collect(context.nowMs, dueNacks);
  if (count === 0) return;
  const bytes = context.udp.egress.bytes;
  const offset = context.udp.nextEgress();
  const local = inbound.receiver.spec.localSsrc;
  let length = beginFeedback(context, local);
  length += writeNack(bytes, offset + length, local, inbound.ssrc, dueNacks, count);
  inbound.nackCount++;
  sendRtcp(context, transport, offset, length);
}

/** Tells a publisher that can be sent to, and sends, when its packets arrived. */
export function sendTransportFeedback(context: Context, transport: Transport): void {
  const cc = transport.transportCc;
  if (!cc.due(context.nowMs)) return;
  const inbound = transport.inbounds[0];
  const bytes = context.udp.egress.bytes;
  const offset = context.udp.nextEgress();
  const local = inbound.receiver.spec.localSsrc;
  const length = beginFeedback(context, local);
  const feedback = cc.write(bytes, offset + length, local, inbound.ssrc, context.nowMs);
  if (feedback > 0) sendRtcp(context, transport, offset, length + feedback);
}

/** Tells a publisher by REMB what rate to send at most, over all its streams that negotiated it. */
export function sendRemb(context: Context, transport: Transport, bitrateBps: number): void {
  let count = 0;
  for (let i = 0; i < transport.inboundCount && count < rembSsrcs.length; i++) {
    const inbound = transport.inbounds[i];
    if (inbound.receiver.rembWanted) rembSsrcs[count++] = inbound.ssrc;
  }
  if (count > 0) sendRembAbout(context, transport, bitrateBps, count);
}

/** Tells the encoder of one stream by REMB what rate to send at most. */
export function sendRembOf(context: Context, inbound: Inbound, bitrateBps: number): void {
  rembSsrcs[0] = inbound.ssrc;
  sendRembAbout(context, inbound.receiver.transport, bitrateBps, 1);
}

/** About the first `count` of `rembSsrcs`. */
function sendRembAbout(context: Context, transport: Transport, bitrateBps: number, count: number): void {
  const bytes = context.udp.egress.bytes;
  const offset = context.udp.nextEgress();
  const local = transport.inbounds[0].receiver.spec.localSsrc;
  let length = beginFeedback(context, local);
  length += writeRemb(bytes, offset + length, local, bitrateBps, rembSsrcs, count);
  sendRtcp(context, transport, offset, length);
}
