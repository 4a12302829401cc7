/** Recording time against wall time: it begins at 0, and what lies between a pause and the next frame is cut out. */
export class RecordingTime {
  /** Wall time of the recording's moment 0. */
  #originMs = 0;
  #endsMs = 0;
  #isCut = true;
  /** Recording time of the last cut. */
  #cutMs = 0;

  /** Where what was recorded ends. */
  get endsMs(): number {
    return this.#endsMs;
  }

  /** What comes next follows at once upon what there is. */
  cut(): void {
    this.#isCut = true;
  }

  /** Recording time of a frame at `wallMs`; null for one from before the last cut. */
  of(wallMs: number): number | null {
    if (this.#isCut) {
      this.#originMs = wallMs - this.#endsMs;
      this.#cutMs = this.#endsMs;
    }
    this.#isCut = false;
    const atMs = wallMs - this.#originMs;
    // Fractions of a tick are no earlier time.
    return atMs < this.#cutMs - 1 ? null : Math.max(this.#cutMs, atMs);
  }

  /** A frame was recorded. */
  took(atMs: number, durationMs: number): void {
    this.#endsMs = Math.max(this.#endsMs, atMs + durationMs);
  }
}
