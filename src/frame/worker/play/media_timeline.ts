/**
 * Where a played medium stands in wall time. RTP time is wall time since the program began, so that pauses, jumps and
 * new beginnings of the medium never make it go back, and audio and video have one clock.
 */
export class MediaTimeline {
  readonly #epochMs: number;
  #anchorSeconds = 0;
  #anchorMs: number | null = null;

  constructor(nowMs: number) {
    this.#epochMs = nowMs;
  }

  get isAnchored(): boolean {
    return this.#anchorMs !== null;
  }

  /** The medium's `seconds` are due at `nowMs`. */
  anchor(seconds: number, nowMs: number): void {
    this.#anchorSeconds = seconds;
    this.#anchorMs = nowMs;
  }

  /** What comes next is anchored anew. */
  release(): void {
    this.#anchorMs = null;
  }

  /** When `seconds` of the medium are due; it must be anchored. */
  dueMs(seconds: number): number {
    return this.#anchorMs! + (seconds - this.#anchorSeconds) * 1000;
  }

  /** The medium's time now; it must be anchored. */
  secondsAt(nowMs: number): number {
    return this.#anchorSeconds + (nowMs - this.#anchorMs!) / 1000;
  }

  /** RTP time in seconds of `seconds` of the medium. */
  rtpSeconds(seconds: number): number {
    return this.rtpSecondsAt(this.dueMs(seconds));
  }

  /** RTP time in seconds at `nowMs`. */
  rtpSecondsAt(nowMs: number): number {
    return (nowMs - this.#epochMs) / 1000;
  }
}
