const WINDOW = 30;
const CLOCK_RATE = 90_000;

/** Pictures per second by the time stamps of the last ones: their median distance, which a gap does not move. */
export class FrameRate {
  readonly #distances: number[] = [];
  #last = -1;

  add(timestamp: number): void {
    const distance = timestamp - this.#last;
    const isUsable = this.#last >= 0 && distance > 0 && distance < CLOCK_RATE * 5;
    this.#last = timestamp;
    if (!isUsable) return;
    this.#distances.push(distance);
    if (this.#distances.length > WINDOW) this.#distances.shift();
  }

  /** 1–120; 30 before enough is known. */
  get fps(): number {
    if (this.#distances.length < 10) return 30;
    const sorted = this.#distances.toSorted((a, b) => a - b);
    return Math.min(120, Math.max(1, CLOCK_RATE / sorted[sorted.length >> 1]));
  }

  /**
   * What comes now, 1–120: the mean of the last ones without the longest tenth, which are gaps; where the last came much
   * sooner than that, its rate. Null before enough is known.
   */
  get momentaryFps(): number | null {
    const { length } = this.#distances;
    if (length < 10) return null;
    const usual = this.#distances.toSorted((a, b) => a - b).slice(0, length - Math.floor(length / 10));
    const mean = usual.reduce((sum, each) => sum + each, 0) / usual.length;
    const last = this.#distances[length - 1];
    return Math.min(120, Math.max(1, CLOCK_RATE / (last < mean / 2 ? last : mean)));
  }

  /** Whether pictures come more than `factor` times as fast, or as slowly, as `fps` says. */
  isFarFrom(fps: number, factor: number): boolean {
    return this.#distances.length === WINDOW && (this.fps > fps * factor || this.fps < fps / factor);
  }
}
