/** Where a player is: what its program said last, and the time that has passed since while it plays. */
export class Position {
  #knownMs = 0;
  #sinceMs: number | null = null;
  #endMs = 0;

  /** Milliseconds from the start of the media, whole. */
  at(nowMs: number): number {
    const passedMs = this.#sinceMs === null ? 0 : Math.max(0, nowMs - this.#sinceMs);
    const positionMs = Math.round(this.#knownMs + passedMs);
    return this.#endMs > 0 ? Math.min(positionMs, this.#endMs) : positionMs;
  }

  /** It is here now; `durationMs` is 0 for media without a known end. */
  learn(positionMs: number, nowMs: number, runs: boolean, durationMs: number): void {
    this.#knownMs = positionMs;
    this.#sinceMs = runs ? nowMs : null;
    this.#endMs = durationMs;
  }

  /** Time goes on, or stands still, from where it is. */
  run(runs: boolean, nowMs: number): void {
    this.#knownMs = this.at(nowMs);
    this.#sinceMs = runs ? nowMs : null;
  }

  /** Nothing is known: at the start, and standing still. */
  reset(): void {
    this.learn(0, 0, false, 0);
  }
}
