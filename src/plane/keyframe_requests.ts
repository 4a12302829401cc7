// hot
/** Nobody is asked more often than this, however many viewers want a keyframe. */
const SPACING_MS = 300;
/** An unanswered request is repeated after this, then after twice as long, up to the maximum. */
const RETRY_MS = 500;
const MAX_RETRY_MS = 4000;
/** A request this old without a keyframe counts as ignored: FFmpeg and OBS take no requests. */
const IGNORED_MS = 300;
/** A keyframe this long after the request is not its answer. */
const UNASKED_MS = 1000;
/** Viewers that cannot ask, and begin to look at any time, are to see something after so long at the most. */
const BLIND_PERIOD_MS = 5000;

/** When to ask the publisher of one video source for a keyframe: one request on the way answers many wishes. */
export class KeyframeRequests {
  #wanted = false;
  #askedMs = 0;
  #firstAskedMs = 0;
  #unanswered = 0;
  #ignoring = false;
  #answeredMs = 0;

  /** Notes a wish; true when the request is to be sent now. */
  want(nowMs: number): boolean {
    this.#wanted = true;
    return this.due(nowMs);
  }

  /** True when a noted wish is to be sent (again) now; the caller then sends it. */
  due(nowMs: number): boolean {
    if (!this.#wanted) return false;
    const spacingMs = this.#unanswered === 0 ? SPACING_MS : this.#retryMs();
    if (nowMs - this.#askedMs < spacingMs) return false;
    if (this.#unanswered === 0) this.#firstAskedMs = nowMs;
    this.#askedMs = nowMs;
    this.#unanswered++;
    return true;
  }

  /** A keyframe began. One that came long after the request came by itself. */
  answered(nowMs: number): void {
    if (this.#unanswered > 0) this.#ignoring = nowMs - this.#firstAskedMs >= UNASKED_MS;
    this.#answeredMs = nowMs;
    this.#wanted = false;
    this.#unanswered = 0;
  }

  /** The last keyframe is too old for viewers that cannot ask. */
  overdue(nowMs: number): boolean {
    return nowMs - this.#answeredMs >= BLIND_PERIOD_MS;
  }

  /** The next wish goes out at once: somebody else is to be asked from now on. */
  restart(): void {
    this.#ignoring = false;
    this.#askedMs = 0;
    this.#unanswered = 0;
  }

  /** This publisher seems to ignore requests: the last one was in vain, or the present one is on its way for long. */
  ignored(nowMs: number): boolean {
    return this.#ignoring || this.#unanswered > 0 && nowMs - this.#firstAskedMs >= IGNORED_MS;
  }

  #retryMs(): number {
    return Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(this.#unanswered - 1, 4));
  }
}
