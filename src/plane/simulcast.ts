// hot
import type { Context } from "./context.ts";
import { FEED_SILENCE_MS } from "./feed.ts";
import type { Inbound } from "./inbound.ts";
import type { Receiver } from "./receiver.ts";
import { requestKeyframe } from "./keyframe.ts";
import type { Source } from "./source.ts";

/** A layer must carry this much more than the present one to be worth a switch; layers differ two- to fourfold. */
const BETTER_BY = 1.3;

/**
 * Looks for a better layer of the publisher that feeds `source` and makes it the candidate. The best is the one with
 * the highest bitrate over the last second: the order of rids says nothing (OBS sends 0,1,2 from the highest down,
 * browsers list them either way), but bitrate grows with resolution in every encoder.
 */
export function chooseLayer(context: Context, source: Source): void {
  const active = source.active;
  if (active === null || active.receiver.spec.rids.length < 2) return;
  const best = highestFlowing(active.receiver, context.nowMs);
  if (best === null || best === active) {
    if (source.candidate !== null && source.candidate.receiver === active.receiver) source.candidate = null;
    return;
  }
  const silent = context.nowMs - active.lastPacketMs >= FEED_SILENCE_MS;
  if (!silent && best.rate.bitrateBps < active.rate.bitrateBps * BETTER_BY) return;
  if (source.candidate === best) return;
  source.candidate = best;
  source.keyframes.restart();
  requestKeyframe(context, source);
}

function highestFlowing(receiver: Receiver, nowMs: number): Inbound | null {
  const transport = receiver.transport;
  let best: Inbound | null = null;
  for (let i = 0; i < transport.inboundCount; i++) {
    const inbound = transport.inbounds[i];
    if (inbound.receiver !== receiver || inbound.retransmission || inbound.left) continue;
    if (nowMs - inbound.lastPacketMs >= FEED_SILENCE_MS) continue;
    if (best === null || inbound.rate.bitrateBps > best.rate.bitrateBps) best = inbound;
  }
  return best;
}
