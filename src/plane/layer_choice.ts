// hot
import { FEED_SILENCE_MS } from "./feed.ts";
import type { Sender } from "./sender.ts";
import type { Source } from "./source.ts";
import type { Stream } from "./stream.ts";

/** A layer must carry this much more than the present one to be worth a switch; layers differ two- to fourfold. */
const BETTER_BY = 1.3;
/** A layer's rate wavers: one is left a little above its bound and taken a little below it. */
const OVER_BOUND = 1.05;
const UNDER_BOUND = 0.95;
const UNDER_ESTIMATE = 0.9;
/** An estimate that lost this much of its best, or did not grow by so much for so long, tells of a full path. */
const FALLEN = 0.9;
const GROWN = 1.05;
const GROWTH_MS = 4000;
/** Fraction of packets lost that no estimate needs to confirm: where browsers start to slow down. */
const MUCH_LOSS = 0.1;
/** What is reported this soon after a switch is still about the layer before. */
const SETTLING_MS = 2000;
/** An estimate this old says nothing: its receiver stopped telling. */
const STALE_MS = 10_000;
/**
 * A receiver cannot see room that nobody fills, and browsers estimate at most 1.5 times what they get. So from time to
 * time the next layer is tried; after each failure not before twice the time.
 */
const TRY_MS = 5000;
const MAX_TRY_MS = 60_000;
/** A layer that is left within this time of a try had failed. */
const TRIAL_MS = 15_000;

/** Chooses the simulcast layer for one sender and remembers how the path took the last ones. */
export class LayerChoice {
  #layer: Stream | null = null;
  #sinceMs = 0;
  #bestEstimateBps = 0;
  #grownMs = 0;
  #tryAtMs = 0;
  #tryAfterMs = TRY_MS;

  /** The stream to send: one that receiver number `newest` feeds; null when none of them flows. */
  pick(sender: Sender, source: Source, newest: number, nowMs: number): Stream | null {
    const current = sender.target ?? sender.stream;
    if (current !== this.#layer) this.#restart(current, nowMs);
    const bound = boundOf(sender);
    const estimate = estimateOf(sender, nowMs);
    this.#watch(estimate, nowMs);
    const budget = estimate === 0 ? bound : Math.min(bound, estimate);
    if (current === null || !flows(current, newest, nowMs)) return highest(source, newest, nowMs, budget);
    const rate = rateOf(current);
    if (rate > bound * OVER_BOUND) return highest(source, newest, nowMs, budget);
    if (this.#isTooMuch(sender, rate, estimate, nowMs)) {
      const lower = highest(source, newest, nowMs, Math.min(budget, rate / BETTER_BY));
      if (lower !== current) this.#noteFailure(nowMs);
      return lower;
    }
    return this.#better(source, current, newest, bound, estimate, nowMs);
  }

  #better(
    source: Source,
    current: Stream,
    newest: number,
    bound: number,
    estimate: number,
    nowMs: number,
  ): Stream {
    const rate = rateOf(current);
    const room = Math.min(bound * UNDER_BOUND, estimate === 0 ? Infinity : estimate * UNDER_ESTIMATE);
    const best = highest(source, newest, nowMs, room);
    if (best !== null && rateOf(best) > rate * BETTER_BY) return best;
    if (nowMs < this.#tryAtMs) return current;
    return next(source, newest, nowMs, rate * BETTER_BY, bound * UNDER_BOUND) ?? current;
  }

  /** The path does not carry this rate: the receiver says less, and has no reason but the path to do so. */
  #isTooMuch(sender: Sender, rate: number, estimate: number, nowMs: number): boolean {
    if (nowMs - this.#sinceMs < SETTLING_MS) return false;
    if (sender.fractionLost > MUCH_LOSS) return true;
    if (estimate === 0 || estimate >= rate) return false;
    return estimate < this.#bestEstimateBps * FALLEN || nowMs - this.#grownMs >= GROWTH_MS;
  }

  #watch(estimate: number, nowMs: number): void {
    if (estimate < this.#bestEstimateBps * GROWN) return;
    this.#bestEstimateBps = estimate;
    this.#grownMs = nowMs;
  }

  #noteFailure(nowMs: number): void {
    const failed = nowMs - this.#sinceMs < TRIAL_MS;
    this.#tryAfterMs = failed ? Math.min(MAX_TRY_MS, this.#tryAfterMs * 2) : TRY_MS;
  }

  #restart(layer: Stream | null, nowMs: number): void {
    this.#layer = layer;
    this.#sinceMs = nowMs;
    this.#bestEstimateBps = 0;
    this.#grownMs = nowMs;
    this.#tryAtMs = nowMs + this.#tryAfterMs;
  }
}

/** What the sender may use of its transport's bound, bit/s: each video m-line has an equal share. */
function boundOf(sender: Sender): number {
  const { maxSendKbps } = sender.transport.rates;
  return maxSendKbps > 0 ? maxSendKbps * 1000 / sender.transport.videoSenders() : Infinity;
}

/** The sender's share of what its peer says it can take, in bit/s; 0 for nothing said. */
function estimateOf(sender: Sender, nowMs: number): number {
  const transport = sender.transport;
  if (transport.peerRembBps === 0 || nowMs - transport.peerRembMs >= STALE_MS) return 0;
  return Math.max(transport.peerRembBps, transport.rates.minSendKbps * 1000) / transport.videoSenders();
}

/** The layer with the highest rate that fits `budget`, else the one with the lowest; null when none flows. */
function highest(source: Source, newest: number, nowMs: number, budget: number): Stream | null {
  let best: Stream | null = null;
  for (let i = 0; i < source.streams.length; i++) {
    const stream = source.streams[i];
    if (flows(stream, newest, nowMs) && (best === null || isBetter(stream, best, budget))) best = stream;
  }
  return best;
}

/**
 * Of two layers the one with the higher bitrate over the last second, where both fit: the order of rids says nothing
 * (OBS sends 0,1,2 from the highest down, browsers list them either way), but bitrate grows with resolution in every
 * encoder.
 */
function isBetter(stream: Stream, other: Stream, budget: number): boolean {
  const rate = rateOf(stream);
  const otherRate = rateOf(other);
  if (rate <= budget) return otherRate > budget || rate > otherRate;
  return otherRate > budget && rate < otherRate;
}

/** The lowest layer between the two rates. */
function next(source: Source, newest: number, nowMs: number, above: number, most: number): Stream | null {
  let lowest: Stream | null = null;
  for (let i = 0; i < source.streams.length; i++) {
    const stream = source.streams[i];
    const rate = rateOf(stream);
    if (rate <= above || rate > most || !flows(stream, newest, nowMs)) continue;
    if (lowest === null || rate < rateOf(lowest)) lowest = stream;
  }
  return lowest;
}

function flows(stream: Stream, newest: number, nowMs: number): boolean {
  const active = stream.active;
  return active !== null && !active.left && active.receiver.order === newest &&
    nowMs - active.lastPacketMs < FEED_SILENCE_MS;
}

function rateOf(stream: Stream): number {
  return stream.active === null ? 0 : stream.active.rate.bitrateBps;
}
