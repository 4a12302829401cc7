import { createLog } from "../base/mod.ts";
import type { EventEnvelope } from "./envelope.ts";

type Listener = (newest: number) => void;

const log = createLog("event");

/**
 * Tells readers that the log grew. It carries no events: a reader takes them from the log at its own pace, so a slow
 * one falls behind its own cursor and delays nobody. The newest events are kept at hand, because most readers are
 * only one event behind.
 */
export class EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #recent: EventEnvelope[] = [];
  readonly #keep: number;

  /** `keep`: how many of the newest events stay in memory. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** To be called once per commit, with its events in their order. */
  publish(events: readonly EventEnvelope[]): void {
    if (events.length === 0) return;
    this.#recent.push(...events);
    if (this.#recent.length > 2 * this.#keep) this.#recent.splice(0, this.#recent.length - this.#keep);
    const newest = events[events.length - 1].seq;
    for (const listener of [...this.#listeners]) tell(listener, newest);
  }

  /** Calls `listener` after each commit; returns the way to stop it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The events after `seq` if all of them are still in memory, else null. */
  recentSince(seq: number, limit: number): EventEnvelope[] | null {
    if (this.#recent.length === 0 || seq < this.#recent[0].seq - 1) return null;
    const from = seq - this.#recent[0].seq + 1;
    return this.#recent.slice(from, from + limit);
  }
}

/** The events are committed by now: a reader that fails must not fail the turn that made them, nor other readers. */
function tell(listener: Listener, newest: number): void {
  try {
    listener(newest);
  } catch (error) {
    log.error("a reader of events failed", { error, newest });
  }
}
