// hot
import { MAX_MISSING } from "./limits.ts";

/** Requests for one packet; by then a keyframe is the better repair. */
const MAX_TRIES = 10;
/** A packet this late is of no use to a viewer who watches live. */
const GIVE_UP_MS = 1500;
const MIN_RETRY_MS = 20;
const MAX_RETRY_MS = 250;
/** Until a repair was timed: an ordinary path within a continent. */
const FIRST_ROUND_TRIP_MS = 80;

/** The gaps of one received stream, and when to ask for each of them (RFC 4585 section 6.2.1). */
export class NackGenerator {
  readonly #sequences = new Float64Array(MAX_MISSING);
  readonly #missedMs = new Float64Array(MAX_MISSING);
  readonly #askedMs = new Float64Array(MAX_MISSING);
  readonly #tries = new Uint8Array(MAX_MISSING);
  #highest = -1;
  /** Packets missing now. */
  count = 0;
  /** How long a repair takes, smoothed: the only round-trip time that a pure receiver can measure. */
  roundTripMs = FIRST_ROUND_TRIP_MS;

  /** Notes the arrival of `extended`. False when the gap before it is too wide to repair: ask for a keyframe. */
  received(extended: number, nowMs: number): boolean {
    const highest = this.#highest;
    if (extended === highest + 1 || highest < 0) {
      this.#highest = extended;
      return true;
    }
    if (extended <= highest) {
      this.#repaired(extended, nowMs);
      return true;
    }
    this.#highest = extended;
    return this.#missed(highest + 1, extended, nowMs);
  }

  /**
   * Puts the sequence numbers due now into `due` (at most its length), oldest first, and returns how many.
   * Forgets those that were asked for too often or are too old.
   */
  collect(nowMs: number, due: Int32Array): number {
    const retryMs = Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, this.roundTripMs * 1.25));
    let kept = 0;
    let asked = 0;
    for (let i = 0; i < this.count; i++) {
      if (this.#tries[i] >= MAX_TRIES || nowMs - this.#missedMs[i] > GIVE_UP_MS) continue;
      if (asked < due.length && (this.#tries[i] === 0 || nowMs - this.#askedMs[i] >= retryMs)) {
        due[asked++] = this.#sequences[i] & 0xffff;
        this.#tries[i]++;
        this.#askedMs[i] = nowMs;
      }
      if (kept !== i) this.#move(i, kept);
      kept++;
    }
    this.count = kept;
    return asked;
  }

  #missed(from: number, to: number, nowMs: number): boolean {
    if (to - from + this.count > MAX_MISSING) {
      this.count = 0;
      return false;
    }
    for (let sequence = from; sequence < to; sequence++) {
      const row = this.count++;
      this.#sequences[row] = sequence;
      this.#missedMs[row] = nowMs;
      this.#askedMs[row] = 0;
      this.#tries[row] = 0;
    }
    return true;
  }

  #repaired(extended: number, nowMs: number): void {
    for (let i = 0; i < this.count; i++) {
      if (this.#sequences[i] !== extended) continue;
      // After a second request nobody knows which one was answered.
      if (this.#tries[i] === 1) this.roundTripMs += (nowMs - this.#askedMs[i] - this.roundTripMs) / 8;
      for (let j = i + 1; j < this.count; j++) this.#move(j, j - 1);
      this.count--;
      return;
    }
  }

  #move(from: number, to: number): void {
    this.#sequences[to] = this.#sequences[from];
    this.#missedMs[to] = this.#missedMs[from];
    this.#askedMs[to] = this.#askedMs[from];
    this.#tries[to] = this.#tries[from];
  }
}
