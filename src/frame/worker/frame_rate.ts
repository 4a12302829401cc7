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

  /** Whether an encoder that was told `fps` spends far too much or too little on each picture. */
  isFarFrom(fps: number): boolean {
    return this.#distances.length === WINDOW && (this.fps > fps * 1.5 || this.fps < fps / 1.5);
  }
}
