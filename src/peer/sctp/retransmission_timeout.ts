/** RFC 9260 section 16: initial and greatest value shortened, because ICE gives up on a path after half a minute. */
const INITIAL_MS = 1000;
/** Longer than acknowledgements are delayed (200 ms). */
const LEAST_MS = 400;
const MOST_MS = 10_000;
const ALPHA = 1 / 8;
const BETA = 1 / 4;

/** How long an acknowledgement may take (RFC 9260 section 6.3.1). */
export class RetransmissionTimeout {
  #smoothedMs: number | null = null;
  #variationMs = 0;
  #ms = INITIAL_MS;

  get ms(): number {
    return this.#ms;
  }

  measured(roundTripMs: number): void {
    if (this.#smoothedMs === null) {
      this.#smoothedMs = roundTripMs;
      this.#variationMs = roundTripMs / 2;
    } else {
      const deviation = Math.abs(this.#smoothedMs - roundTripMs);
      this.#variationMs += BETA * (deviation - this.#variationMs);
      this.#smoothedMs += ALPHA * (roundTripMs - this.#smoothedMs);
    }
    this.#ms = Math.min(MOST_MS, Math.max(LEAST_MS, this.#smoothedMs + 4 * this.#variationMs));
  }

  /** Nothing was acknowledged in time. */
  backOff(): void {
    this.#ms = Math.min(MOST_MS, 2 * this.#ms);
  }
}
