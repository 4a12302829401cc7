import type { Clock, Timer } from "../../base/mod.ts";

/** First wait for a response; each further one is twice as long (RFC 8489 section 6.2.1, RTO). */
const RTO_MS = 500;
/** How often a request is sent at most. The RFC proposes 7, after which gathering would take 39.5 s; so it takes 7.5 s. */
const SENDS = 4;

/**
 * A request that is sent by `start`, and again while it stays unanswered; a reliable transport takes it once. `failed` is
 * called when no answer is to be hoped for any more; whoever has the answer cancels, be it while the request is sent.
 */
export class Retransmission {
  #sends = 0;
  #timer: Timer | null = null;
  #cancelled = false;

  constructor(
    readonly clock: Clock,
    readonly reliable: boolean,
    readonly send: () => void,
    readonly failed: () => void,
  ) {}

  start(): void {
    if (this.#sends === SENDS) return this.failed();
    const waitMs = RTO_MS * 2 ** this.#sends;
    this.#sends++;
    if (this.#sends === 1 || !this.reliable) this.send();
    if (!this.#cancelled) this.#timer = this.clock.after(waitMs, () => this.start());
  }

  cancel(): void {
    this.#cancelled = true;
    this.#timer?.cancel();
  }
}
