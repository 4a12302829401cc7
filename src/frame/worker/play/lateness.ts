/** Less than this is the jitter of any network. */
const LEAST_LIMIT_MS = 500;
/** Who is late for longer than a backlog takes to come has another clock. */
const PATIENCE_MS = 1000;

/**
 * What to do with packets of a live source that come behind their time. After a stall all that has piled up comes at
 * once: what is older than the limit is dropped, so that the delay does not stay. A source that stays late is taken at
 * its new time.
 */
export class Lateness {
  readonly #limitMs: number;
  #sinceMs: number | null = null;

  constructor(limitMs: number) {
    this.#limitMs = Math.max(limitMs, LEAST_LIMIT_MS);
  }

  judge(lateMs: number, nowMs: number): "pass" | "drop" | "restart" {
    if (lateMs <= this.#limitMs) {
      this.#sinceMs = null;
      return "pass";
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < PATIENCE_MS) return "drop";
    this.#sinceMs = null;
    return "restart";
  }
}
