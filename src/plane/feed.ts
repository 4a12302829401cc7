// hot
import type { Context } from "./context.ts";
import type { Inbound } from "./inbound.ts";
import { requestKeyframe } from "./keyframe.ts";
import type { Source } from "./source.ts";

/** A feeding stream that is silent for this long may be replaced by one that would otherwise stand behind it. */
export const FEED_SILENCE_MS = 1000;

/**
 * True when a packet of `inbound` goes into `source`. A stream that may replace the feeding one does so at a keyframe
 * (audio: at once); until then it is the candidate, and is asked for a keyframe.
 */
export function feeds(
  context: Context,
  source: Source,
  inbound: Inbound,
  extended: number,
  timestamp: number,
  startsKeyframe: boolean,
  clockRate: number,
): boolean {
  if (source.active === inbound) return true;
  if (!mayTakeOver(source, inbound, context.nowMs)) return false;
  if (source.media === "video" && !startsKeyframe) {
    if (source.candidate === inbound) return false;
    if (source.candidate !== null && !outranks(inbound, source.candidate, context.nowMs)) return false;
    source.candidate = inbound;
    source.keyframes.restart();
    requestKeyframe(context, source);
    return false;
  }
  source.feedFrom(inbound, extended, timestamp, clockRate, context.nowMs);
  return true;
}

/** Takes a stream out of its source when it is gone; the next one that flows replaces it. */
export function forgetFeed(source: Source, inbound: Inbound): void {
  if (source.active === inbound) source.active = null;
  if (source.candidate === inbound) source.candidate = null;
}

/** A candidate that has fallen silent waits for nothing any more. */
export function forgetSilentCandidate(source: Source, nowMs: number): void {
  const candidate = source.candidate;
  if (candidate !== null && nowMs - candidate.lastPacketMs >= FEED_SILENCE_MS) source.candidate = null;
}

function mayTakeOver(source: Source, inbound: Inbound, nowMs: number): boolean {
  const active = source.active;
  if (active === null || source.candidate === inbound) return true;
  return outranks(inbound, active, nowMs);
}

/**
 * The publisher who came last wins over the one before, and of one m-line the SSRC that appeared last; anyone wins
 * over silence. Simulcast layers do not outrank each other here: simulcast.ts chooses among them.
 */
function outranks(inbound: Inbound, other: Inbound, nowMs: number): boolean {
  if (other.left || nowMs - other.lastPacketMs >= FEED_SILENCE_MS) return true;
  if (inbound.receiver !== other.receiver) return inbound.receiver.order > other.receiver.order;
  return inbound.rid === "" && inbound.order > other.order;
}
