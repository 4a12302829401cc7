/** Where a change costs a keyframe: only what is worth one, and not often; room is believed later than its lack. */
const LOWER_BY = 0.85;
const LOWER_MS = 1000;
const RAISE_BY = 1.3;
const RAISE_MS = 5000;

/** What those who watch an output can take at most, as they report it time and again. */
export class BitrateBound {
  readonly #isSmooth: boolean;
  #bps = Infinity;
  #changedMs = -Infinity;

  /** `isSmooth`: the encoder takes every new rate without a keyframe. */
  constructor(isSmooth: boolean) {
    this.#isSmooth = isSmooth;
  }

  /** The bound to keep to, bit/s; Infinity before any was told. */
  get bps(): number {
    return this.#bps;
  }

  take(bps: number, nowMs: number): void {
    const sinceMs = nowMs - this.#changedMs;
    const isLower = bps < this.#bps * LOWER_BY && sinceMs >= LOWER_MS;
    const isHigher = bps > this.#bps * RAISE_BY && sinceMs >= RAISE_MS;
    if (!this.#isSmooth && !isLower && !isHigher) return;
    this.#bps = bps;
    this.#changedMs = nowMs;
  }
}
