import type { EventBus } from "./bus.ts";
import { type EventEnvelope, type EventFilter, matches } from "./envelope.ts";

/** Where events are read from once they are no longer in memory. */
export interface EventLog {
  /** Events with a number above `seq`, oldest first, at most `limit`. */
  readSince(seq: number, limit: number): EventEnvelope[];
  /** Number of the oldest event that is still kept, 0 when there is none. */
  oldest(): number;
  /** Number of the newest event ever, 0 when there is none. */
  newest(): number;
}

/** What a read gives: events, and the range of numbers that are lost to this reader for good, if any. */
export interface Batch {
  events: EventEnvelope[];
  gap: { from: number; to: number } | null;
}

/** One reader's place in the sequence. It reads without loss or repetition, from the past into the present. */
export class EventCursor {
  #seq: number;
  readonly #log: EventLog;
  readonly #bus: EventBus;
  readonly #filter: EventFilter;

  /** `after`: number of the last event this reader has seen. A number from the future counts as the newest. */
  constructor(log: EventLog, bus: EventBus, filter: EventFilter, after: number) {
    this.#log = log;
    this.#bus = bus;
    this.#filter = filter;
    this.#seq = Math.min(after, log.newest());
  }

  /** Number of the last event that was read, matching or not. */
  get seq(): number {
    return this.#seq;
  }

  /** Reads on by at most `limit` events of the log; empty and without gap when the reader is up to date. */
  read(limit: number): Batch {
    const gap = this.#skipLost();
    const events = this.#bus.recentSince(this.#seq, limit) ?? this.#log.readSince(this.#seq, limit);
    if (events.length > 0) this.#seq = events[events.length - 1].seq;
    return { events: events.filter((event) => matches(this.#filter, event)), gap };
  }

  /** True when the log holds more than was read. */
  get behind(): boolean {
    return this.#seq < this.#log.newest();
  }

  #skipLost(): Batch["gap"] {
    const oldest = this.#log.oldest();
    if (oldest <= this.#seq + 1) return null;
    const gap = { from: this.#seq + 1, to: oldest - 1 };
    this.#seq = oldest - 1;
    return gap;
  }
}
