import type { Context } from "./context.ts";
import { FEED_SILENCE_MS, forgetFeed } from "./feed.ts";
import { Inbound } from "./inbound.ts";
import type { Receiver } from "./receiver.ts";
import { Stream } from "./stream.ts";
import type { Transport } from "./transport.ts";

/**
 * Finds the m-line of an SSRC met for the first time in an authentic packet, in the order of RFC 8843 section 9.2 and
 * RFC 8852: mid with rid or repaired rid, then the SSRCs announced in the SDP, then a payload type that only one
 * m-line negotiated (FFmpeg sends one SSRC per m-line and no extensions). Returns null when it belongs to none.
 * `context.extensions` holds the packet's header extensions.
 */
export function learnSsrc(
  context: Context,
  transport: Transport,
  ssrc: number,
  payloadType: number,
): Inbound | null {
  const mid = extensionText(context, transport.midId);
  const rid = extensionText(context, transport.ridId);
  const repairedRid = extensionText(context, transport.repairedRidId);
  const receiver = byMid(transport, mid) ?? bySsrc(transport, ssrc) ?? byRid(transport, rid || repairedRid) ??
    byPayloadType(transport, payloadType);
  if (receiver === null || !receiver.takes(payloadType)) return null;
  const retransmission = receiver.payloads[payloadType] === null;
  const layer = retransmission ? repairedRid || rid : rid;
  const stream = streamFor(context, receiver, layer);
  const inbound = new Inbound(ssrc, receiver, stream, layer, retransmission, ++context.inboundOrder);
  transport.add(inbound);
  return inbound;
}

/** Forgets an SSRC as if it had never been; should it come again, it is learned anew. */
export function forgetInbound(inbound: Inbound): void {
  forgetFeed(inbound.stream, inbound);
  inbound.receiver.transport.remove(inbound);
}

/**
 * Makes room for one more SSRC by forgetting the one that is silent for longest, and for long; false when all talk. With
 * SRTP it may not come again: it would have to go on from its rollover counter, and what was recorded of it could be
 * played back.
 */
export function forgetSilent(transport: Transport, nowMs: number): boolean {
  let oldest: Inbound | null = null;
  for (let i = 0; i < transport.inboundCount; i++) {
    const inbound = transport.inbounds[i];
    if (oldest === null || inbound.lastPacketMs < oldest.lastPacketMs) oldest = inbound;
  }
  if (oldest === null || nowMs - oldest.lastPacketMs < FEED_SILENCE_MS) return false;
  if (!transport.isPlain() && !transport.retire(oldest.ssrc)) return false;
  forgetInbound(oldest);
  return true;
}

/** Finds the media stream that an RTX stream repairs, once it is known; null before. */
export function findRepaired(inbound: Inbound): Inbound | null {
  const transport = inbound.receiver.transport;
  const announced = inbound.receiver.spec.ssrcs.find((pair) => pair.rtxSsrc === inbound.ssrc);
  if (announced) return transport.inboundOf(announced.ssrc);
  let found: Inbound | null = null;
  for (let i = 0; i < transport.inboundCount; i++) {
    const other = transport.inbounds[i];
    if (other.receiver !== inbound.receiver || other.retransmission || other.rid !== inbound.rid) continue;
    // Several without a rid: an SSRC restarted, and its RTX stream restarted with it.
    if (found === null || other.order > found.order) found = other;
  }
  return found;
}

/** Layers of one m-line each fill a stream of their own; everything else goes where publishers without layers go. */
function streamFor(context: Context, receiver: Receiver, layer: string): Stream {
  const { source, spec } = receiver;
  const rid = spec.rids.length > 1 && spec.rids.includes(layer) ? layer : "";
  const known = source.streamOf(rid);
  if (known !== null) return known;
  const stream = new Stream(++context.streamCount, source, rid, context.random());
  source.streams.push(stream);
  return stream;
}

function byMid(transport: Transport, mid: string): Receiver | null {
  if (mid === "") return null;
  return transport.receivers.find((receiver) => receiver.spec.mid === mid) ?? null;
}

function bySsrc(transport: Transport, ssrc: number): Receiver | null {
  return transport.receivers.find((receiver) =>
    receiver.spec.ssrcs.some((pair) => pair.ssrc === ssrc || pair.rtxSsrc === ssrc)
  ) ?? null;
}

function byRid(transport: Transport, rid: string): Receiver | null {
  if (rid === "") return null;
  const having = transport.receivers.filter((receiver) => receiver.spec.rids.includes(rid));
  return having.length === 1 ? having[0] : null;
}

function byPayloadType(transport: Transport, payloadType: number): Receiver | null {
  const taking = transport.receivers.filter((receiver) => receiver.takes(payloadType));
  return taking.length === 1 ? taking[0] : null;
}

function extensionText(context: Context, id: number): string {
  if (id === 0) return "";
  const table = context.extensions;
  for (let i = 0; i < table.count; i++) {
    if (table.ids[i] !== id) continue;
    let text = "";
    for (let j = 0; j < table.lengths[i]; j++) {
      text += String.fromCharCode(context.ring.bytes[table.offsets[i] + j]);
    }
    return text;
  }
  return "";
}
