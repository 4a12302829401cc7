// hot
import type { Context } from "./context.ts";
import type { Inbound } from "./inbound.ts";
import { requestKeyframe } from "./keyframe.ts";
import type { Stream } from "./stream.ts";

/** A feeding SSRC that is silent for this long may be replaced by one that would otherwise stand behind it. */
export const FEED_SILENCE_MS = 1000;

/**
 * True when a packet of `inbound` goes into `stream`. An SSRC that may replace the feeding one does so at a keyframe
 * (audio: at once); until then it is the candidate, and is asked for a keyframe.
 */
export function feeds(
  context: Context,
  stream: Stream,
  inbound: Inbound,
  extended: number,
  timestamp: number,
  startsKeyframe: boolean,
  clockRate: number,
): boolean {
  if (stream.active === inbound) return true;
  if (!mayTakeOver(stream, inbound, context.nowMs)) return false;
  if (stream.media === "video" && !startsKeyframe) {
    if (stream.candidate === inbound) return false;
    if (stream.candidate !== null && !outranks(inbound, stream.candidate, context.nowMs)) return false;
    stream.candidate = inbound;
    stream.keyframes.restart();
    requestKeyframe(context, stream);
    return false;
  }
  stream.feedFrom(inbound, extended, timestamp, clockRate, context.nowMs);
  return true;
}

/** Takes an SSRC out of its stream when it is gone; the next one that flows replaces it. */
export function forgetFeed(stream: Stream, inbound: Inbound): void {
  if (stream.active === inbound) stream.active = null;
  if (stream.candidate === inbound) stream.candidate = null;
}

/** A candidate that has fallen silent waits for nothing any more. */
export function forgetSilentCandidate(stream: Stream, nowMs: number): void {
  const candidate = stream.candidate;
  if (candidate !== null && nowMs - candidate.lastPacketMs >= FEED_SILENCE_MS) stream.candidate = null;
}

function mayTakeOver(stream: Stream, inbound: Inbound, nowMs: number): boolean {
  const active = stream.active;
  if (active === null || stream.candidate === inbound) return true;
  return outranks(inbound, active, nowMs);
}

/**
 * The publisher who came last wins over the one before, and of one m-line the SSRC that appeared last; anyone wins
 * over silence. Simulcast layers do not meet here: each has a stream of its own.
 */
function outranks(inbound: Inbound, other: Inbound, nowMs: number): boolean {
  if (other.left || nowMs - other.lastPacketMs >= FEED_SILENCE_MS) return true;
  if (inbound.receiver !== other.receiver) return inbound.receiver.order > other.receiver.order;
  return inbound.order > other.order;
}
