// hot
import { sequenceDelta, transportFeedbackStatusCount, writeTransportFeedback } from "../rtp/mod.ts";

/** Sequence numbers kept between two feedback packets: 100 ms at 10 000 packets/s. A power of two. */
const WINDOW = 1024;
const MASK = WINDOW - 1;
/** Statuses per feedback packet, so that it stays below an MTU even with a large delta each. */
const MAX_STATUSES = 400;
/** Feedback period: the 50–100 ms that congestion controllers are tuned for. */
const PERIOD_MS = 50;
const TICKS_PER_MS = 4;
const NOT_ARRIVED = -1;
const NOTHING = new Float64Array(0);

/**
 * When the packets of one transport arrived, by transport-wide sequence number
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01), until the sender is told.
 */
export class TransportCc {
  /** 11 kB that only those who send need: made with the first packet. */
  #arrivals = NOTHING;
  #statuses = NOTHING;
  /** Next number to report, and one past the highest that arrived; unwrapped. */
  #base = -1;
  #end = -1;
  #arrived = 0;
  #feedbackCount = 0;
  #lastFeedbackMs = 0;

  /** Notes that packet `sequence` (16 bits) came, at the time that stands in `arrivedMs[0]`. */
  record(sequence: number, arrivedMs: Float64Array): void {
    if (this.#end < 0) this.#start(sequence);
    const unwrapped = this.#end + sequenceDelta(sequence, this.#end & 0xffff);
    if (unwrapped < this.#base) return;
    this.#reachTo(unwrapped);
    if (this.#arrivals[unwrapped & MASK] !== NOT_ARRIVED) return;
    this.#arrivals[unwrapped & MASK] = Math.round(arrivedMs[0] * TICKS_PER_MS);
    this.#arrived++;
  }

  /** Feedback should be written now. */
  due(nowMs: number): boolean {
    return this.#arrived > 0 &&
      (nowMs - this.#lastFeedbackMs >= PERIOD_MS || this.#end - this.#base >= MAX_STATUSES / 2);
  }

  /** When feedback will be due at the latest; Infinity while there is nothing to tell. */
  dueMs(): number {
    return this.#arrived > 0 ? this.#lastFeedbackMs + PERIOD_MS : Infinity;
  }

  /** Writes one feedback packet at `offset` and returns its length, 0 when there is nothing to tell. */
  write(bytes: Uint8Array, offset: number, senderSsrc: number, mediaSsrc: number, nowMs: number): number {
    this.#lastFeedbackMs = nowMs;
    const count = Math.min(this.#end - this.#base, MAX_STATUSES);
    for (let i = 0; i < count; i++) this.#statuses[i] = this.#arrivals[(this.#base + i) & MASK];
    const base = this.#base & 0xffff;
    const length = writeTransportFeedback(
      bytes,
      offset,
      senderSsrc,
      mediaSsrc,
      this.#feedbackCount,
      base,
      this.#statuses,
      count,
    );
    this.#forget(length > 0 ? transportFeedbackStatusCount(bytes, offset) : count);
    if (length > 0) this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
    return length;
  }

  #start(sequence: number): void {
    this.#arrivals = new Float64Array(WINDOW).fill(NOT_ARRIVED);
    this.#statuses = new Float64Array(MAX_STATUSES);
    // One cycle up, so that packets before the first one do not become negative.
    this.#base = sequence + 65536;
    this.#end = this.#base;
  }

  /** Extends the window to `unwrapped`; what falls out of it at the other end is never reported. */
  #reachTo(unwrapped: number): void {
    if (unwrapped < this.#end) return;
    if (unwrapped - this.#base >= WINDOW) {
      this.#forget(Math.min(unwrapped - this.#base - WINDOW + 1, this.#end - this.#base));
      if (unwrapped - this.#base >= WINDOW) this.#base = unwrapped;
    }
    this.#end = unwrapped + 1;
  }

  #forget(count: number): void {
    for (let i = 0; i < count; i++) {
      const cell = (this.#base + i) & MASK;
      if (this.#arrivals[cell] !== NOT_ARRIVED) this.#arrived--;
      this.#arrivals[cell] = NOT_ARRIVED;
    }
    this.#base += count;
  }
}
