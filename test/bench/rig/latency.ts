/** Width of a class of the histogram: one per cent. */
const STEP = Math.log(1.01);
const CLASSES = 2048;

/** Latencies in classes of one per cent from 1 µs to 700 s; cheap to count, and to hand from process to process. */
export class Latencies {
  readonly counts: Uint32Array;
  count = 0;
  max = 0;

  constructor(counts: ArrayLike<number> = [], max = 0) {
    this.counts = new Uint32Array(CLASSES);
    this.counts.set(counts);
    for (const each of this.counts) this.count += each;
    this.max = max;
  }

  add(us: number): void {
    const at = us <= 1 ? 0 : Math.min(CLASSES - 1, Math.floor(Math.log(us) / STEP));
    this.counts[at]++;
    this.count++;
    if (us > this.max) this.max = us;
  }

  /** Microseconds that a share `q` (0–1) of all samples stays within; NaN without samples. */
  quantile(q: number): number {
    let left = Math.ceil(this.count * q);
    if (left === 0) return NaN;
    for (let i = 0; i < CLASSES; i++) {
      left -= this.counts[i];
      if (left <= 0) return Math.min(this.max, Math.exp((i + 1) * STEP));
    }
    return this.max;
  }

  toJSON(): { counts: number[]; max: number } {
    const last = this.counts.findLastIndex((count) => count > 0);
    return { counts: [...this.counts.slice(0, last + 1)], max: this.max };
  }
}

export const quantilesUs = (latencies: Latencies) => ({
  p50: Math.round(latencies.quantile(0.5)),
  p99: Math.round(latencies.quantile(0.99)),
  p999: Math.round(latencies.quantile(0.999)),
  max: Math.round(latencies.max),
});

/** The middle of the values, NaN of none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
