const WINDOW = 512;

/** Of the last ones; null before anything was measured. */
export type LatencyFigures = { medianMs: number; p99Ms: number; count: number } | null;

/** The last durations of something, in ms. */
export class Latency {
  readonly #values: number[] = [];

  add(ms: number): void {
    this.#values.push(ms);
    if (this.#values.length > WINDOW) this.#values.shift();
  }

  read(): LatencyFigures {
    const sorted = this.#values.toSorted((a, b) => a - b);
    if (sorted.length === 0) return null;
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)];
    return { medianMs: at(0.5), p99Ms: at(0.99), count: sorted.length };
  }
}
