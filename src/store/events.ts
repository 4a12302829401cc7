import { asc, gt, lte, max, min, sql } from "drizzle-orm";
import type { EventEnvelope, EventLog, NewEvent } from "../event/mod.ts";
import type { Database } from "./open.ts";
import { events } from "./schema.ts";

/** Most events by which the table may grow beyond what is kept before the oldest are deleted together. */
const maxTrimBatch = 1000;

/** The table of events. Numbers are given here; they are dense, and no number is ever given twice. */
export class EventRows implements EventLog {
  readonly #keep: number;
  readonly #trimBatch: number;
  readonly #statements: ReturnType<typeof prepare>;
  #oldest: number;
  #newest: number;

  /** `keep`: how many of the newest events stay, at least 1 (the last number has to survive a restart). */
  constructor(database: Database, keep: number) {
    this.#keep = Math.max(1, keep);
    this.#trimBatch = Math.min(maxTrimBatch, Math.ceil(this.#keep / 10));
    this.#statements = prepare(database);
    const range = database.select({ oldest: min(events.seq), newest: max(events.seq) }).from(events).get();
    this.#oldest = range?.oldest ?? 0;
    this.#newest = range?.newest ?? 0;
    this.settle(this.trim(this.#newest), this.#newest);
  }

  readSince(seq: number, limit: number): EventEnvelope[] {
    return this.#statements.since.all({ seq, limit });
  }

  oldest(): number {
    return this.#oldest;
  }

  newest(): number {
    return this.#newest;
  }

  /** Writes the events with their numbers. They count only once `settle` was called, after the transaction. */
  append(changes: readonly NewEvent[]): EventEnvelope[] {
    return changes.map((change, index) => {
      const event = { seq: this.#newest + 1 + index, ...change };
      this.#statements.insert.run(event);
      return event;
    });
  }

  /** Deletes what is too old once enough of it has gathered; returns the number of the oldest event left. */
  trim(newest: number): number {
    const oldest = this.#oldest || Math.min(1, newest);
    const surplus = newest - oldest + 1 - this.#keep;
    if (newest === 0 || surplus < this.#trimBatch) return oldest;
    this.#statements.trim.run({ seq: newest - this.#keep });
    return newest - this.#keep + 1;
  }

  /** Takes over the range that a transaction has left behind. */
  settle(oldest: number, newest: number): void {
    this.#oldest = oldest;
    this.#newest = newest;
  }
}

function prepare(database: Database) {
  const { placeholder } = sql;
  return {
    insert: database.insert(events).values({
      seq: placeholder("seq"),
      type: placeholder("type"),
      timeMs: placeholder("timeMs"),
      pipelineId: placeholder("pipelineId"),
      elementId: placeholder("elementId"),
      sessionId: placeholder("sessionId"),
      tags: placeholder("tags"),
      data: placeholder("data"),
    }).prepare(),
    since: database.select().from(events).where(gt(events.seq, placeholder("seq"))).orderBy(asc(events.seq))
      .limit(placeholder("limit")).prepare(),
    trim: database.delete(events).where(lte(events.seq, placeholder("seq"))).prepare(),
  };
}
