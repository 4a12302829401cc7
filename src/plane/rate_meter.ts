// hot
/** Bits per second over windows of about a second: a new figure each window, the old one in between. */
export class RateMeter {
  #bytes = 0;
  #sinceMs = 0;
  /** Of the last whole window. */
  bitrateBps = 0;

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Closes the window when it is a second old; true when it did. */
  roll(nowMs: number): boolean {
    if (this.#sinceMs === 0) this.#sinceMs = nowMs;
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs < 1000) return false;
    this.bitrateBps = Math.round(this.#bytes * 8000 / elapsedMs);
    this.#bytes = 0;
    this.#sinceMs = nowMs;
    return true;
  }
}
