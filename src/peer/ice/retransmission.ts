import type { Clock, Timer } from "../../base/mod.ts";

/** First wait for a response; each further one is twice as long (RFC 8489 section 6.2.1, RTO). */
const RTO_MS = 500;
/** How often a request is sent at most. The RFC proposes 7, after which gathering would take 39.5 s; so it takes 7.5 s. */
const SENDS = 4;

/**
 * Sends a request now, and again while it stays unanswered; a reliable transport takes it once. `failed` is called when
 * no answer is to be hoped for any more; whoever has the answer cancels.
 */
export function retransmit(clock: Clock, reliable: boolean, send: () => void, failed: () => void): Timer {
  let sends = 0;
  let timer: Timer | null = null;
  const next = () => {
    if (sends === SENDS) return failed();
    timer = clock.after(RTO_MS * 2 ** sends, next);
    sends++;
    if (sends === 1 || !reliable) send();
  };
  next();
  return { cancel: () => timer?.cancel() };
}
