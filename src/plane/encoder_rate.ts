// hot
import type { Context } from "./context.ts";
import type { Inbound } from "./inbound.ts";
import { sendRembOf } from "./rtcp_feedback.ts";
import type { Sender } from "./sender.ts";
import type { Source } from "./source.ts";
import type { Transport } from "./transport.ts";
import { FLOOR_BPS, ViewerBound } from "./viewer_bound.ts";

/** What a peer said longer ago than this says nothing: it stopped telling. */
const STALE_MS = 10_000;

/** Tells encoders of this server, stream by stream, the least that those say they can take whom the stream is sent to. */
export function tellEncoders(context: Context, transport: Transport): void {
  for (let i = 0; i < transport.inboundCount; i++) {
    const inbound = transport.inbounds[i];
    if (inbound.receiver.spec.media === "video") tellEncoder(context, inbound);
  }
}

function tellEncoder(context: Context, inbound: Inbound): void {
  const teller = inbound.receiver.teller;
  if (teller === null) return;
  const bps = Math.round(teller.figureOf(leastOf(inbound.receiver.source, context.nowMs)));
  if (teller.isDue(bps, context.nowMs)) sendRembOf(context, inbound, teller.toldBps);
}

/** In bit/s, `Infinity` where nobody says anything. A viewer with less than a picture takes loses packets, and slows nobody else. */
function leastOf(source: Source, nowMs: number): number {
  let least = Infinity;
  for (let i = 0; i < source.senders.length; i++) {
    const bound = boundOf(source.senders[i], nowMs);
    if (bound < least) least = bound;
  }
  return Math.max(least, FLOOR_BPS);
}

function boundOf(sender: Sender, nowMs: number): number {
  const { rates, peerRembBps, peerRembMs } = sender.transport;
  const most = rates.maxSendKbps > 0 ? rates.maxSendKbps * 1000 : Infinity;
  if (peerRembBps === 0 || nowMs - peerRembMs > STALE_MS) {
    sender.bound = null;
    return most;
  }
  const share = peerRembBps / sender.transport.videoSenders();
  const bound = sender.bound ?? openBound(sender);
  const { rate, fractionLost, roundTripSeconds } = sender;
  const believed = bound.take(share, rate.bitrateBps, fractionLost, roundTripSeconds, nowMs);
  return Math.min(most, Math.max(rates.minSendKbps * 1000, believed));
}

// cold: once per viewer that tells
function openBound(sender: Sender): ViewerBound {
  return sender.bound = new ViewerBound();
}
