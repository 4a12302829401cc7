// hot
import type { Context } from "./context.ts";
import { tellEncoders } from "./encoder_rate.ts";
import type { Receiver } from "./receiver.ts";
import { sendRemb } from "./rtcp_feedback.ts";
import type { Transport } from "./transport.ts";

/** How often the estimate takes a step. */
const STEP_MS = 200;

/**
 * Tells a publisher by REMB what to send at most. One that measures its path by transport-wide feedback is told the
 * explicit bounds only: an estimate of ours would slow it down for nothing.
 */
export function tellRemb(context: Context, transport: Transport): void {
  const teller = transport.remb;
  if (context.nowMs < teller.nextStepMs || !transport.canSend()) return;
  teller.nextStepMs = context.nowMs + STEP_MS;
  tellEncoders(context, transport);
  let wanted = false;
  let estimates = false;
  for (let i = 0; i < transport.receivers.length; i++) {
    wanted ||= transport.receivers[i].rembWanted;
    estimates ||= transport.receivers[i].estimates;
  }
  if (!wanted) return;
  const least = transport.rates.minReceiveKbps * 1000;
  const bound = Math.max(boundOf(transport), least);
  if (!estimates) step(transport);
  const bps = estimates ? teller.figureOf(bound) : clamp(teller.estimate.bps, least, bound);
  if (teller.isDue(Math.round(bps), context.nowMs)) sendRemb(context, transport, teller.toldBps);
}

/** Takes what came since the last step into the estimate. */
function step(transport: Transport): void {
  const teller = transport.remb;
  let receivedBps = 0;
  let expected = 0;
  let received = 0;
  for (let i = 0; i < transport.inboundCount; i++) {
    const inbound = transport.inbounds[i];
    if (inbound.receiver.spec.media !== "video") continue;
    receivedBps += inbound.rate.bitrateBps;
    if (inbound.retransmission) continue;
    expected += inbound.expected();
    received += inbound.packetsReceived;
  }
  const arrived = expected - teller.expected;
  const lost = arrived - (received - teller.received);
  teller.expected = expected;
  teller.received = received;
  teller.estimate.step(receivedBps, arrived, lost, transport.rates.remb);
}

/** The explicit bound in bit/s, `Infinity` for none: its own, and that of the viewers of what it sends. */
function boundOf(transport: Transport): number {
  const own = transport.rates.maxReceiveKbps;
  let viewers = 0;
  for (let i = 0; i < transport.receivers.length; i++) {
    if (transport.receivers[i].spec.media === "video") viewers += viewersBound(transport.receivers[i]);
  }
  return Math.min(own > 0 ? own * 1000 : Infinity, viewers > 0 ? viewers : Infinity);
}

/** The least bound among the viewers. With simulcast each of them chooses a layer that fits, so nobody is slowed down. */
function viewersBound(receiver: Receiver): number {
  let least = Infinity;
  if (receiver.spec.rids.length > 1) return least;
  const senders = receiver.source.senders;
  for (let i = 0; i < senders.length; i++) {
    const { maxSendKbps } = senders[i].transport.rates;
    if (maxSendKbps > 0) least = Math.min(least, maxSendKbps * 1000);
  }
  return least;
}

function clamp(bps: number, least: number, most: number): number {
  return bps === 0 ? 0 : Math.min(most, Math.max(least, bps));
}
