import { describe, expect, test } from "vitest";
import { anEvent } from "../../test/kit/graph.ts";
import {
  EventBus,
  EventCursor,
  type EventEnvelope,
  type EventFilter,
  type EventLog,
  matches,
} from "./mod.ts";

/** A log in memory with its bus, committing as the store does. */
class MemoryLog implements EventLog {
  events: EventEnvelope[] = [];
  readonly bus = new EventBus(4);
  #newest = 0;

  readSince = (seq: number, limit: number) => this.events.filter((event) => event.seq > seq).slice(0, limit);
  oldest = () => this.events[0]?.seq ?? 0;
  newest = () => this.#newest;

  commit(...types: string[]): void {
    const events = types.map((type) => ({ seq: ++this.#newest, ...anEvent(type) }));
    this.events.push(...events);
    this.bus.publish(events);
  }

  cursor(after: number, filter: EventFilter = {}): EventCursor {
    return new EventCursor(this, this.bus, filter, after);
  }
}

const ticks = (count: number) => Array<string>(count).fill("Tick");

describe("reading", () => {
  test("from the past into the present without loss or repetition, whatever the pace", () => {
    for (const limit of [1, 2, 3, 7, 100]) {
      const log = new MemoryLog();
      log.commit(...ticks(30));
      const cursor = log.cursor(0);
      const seen: number[] = [];
      for (let round = 0; cursor.behind || round < 20; round++) {
        const { events, gap } = cursor.read(limit);
        expect(gap).toBeNull();
        seen.push(...events.map((event) => event.seq));
        if (round < 20) log.commit(...ticks(round % 4));
      }
      expect(seen).toEqual(Array.from({ length: log.newest() }, (_, index) => index + 1));
    }
  });

  test("an up-to-date reader reads nothing and is not behind", () => {
    const log = new MemoryLog();
    log.commit("A", "B");
    const cursor = log.cursor(2);
    expect(cursor.behind).toBe(false);
    expect(cursor.read(10)).toEqual({ events: [], gap: null });
    log.commit("C");
    expect(cursor.behind).toBe(true);
    expect(cursor.read(10).events.map((event) => event.type)).toEqual(["C"]);
  });

  test("an empty log is nothing to read and no gap", () => {
    const cursor = new MemoryLog().cursor(0);
    expect(cursor.behind).toBe(false);
    expect(cursor.read(10)).toEqual({ events: [], gap: null });
  });

  test("a number from the future counts as the newest", () => {
    const log = new MemoryLog();
    log.commit("A");
    const cursor = log.cursor(1_000_000);
    log.commit("B");
    expect(cursor.read(10).events.map((event) => event.type)).toEqual(["B"]);
  });

  test("events that do not match move the cursor all the same", () => {
    const log = new MemoryLog();
    log.commit("A", "B", "A");
    const cursor = log.cursor(0, { types: ["B"] });
    expect(cursor.read(1).events).toEqual([]);
    expect(cursor.seq).toBe(1);
    expect(cursor.read(10).events.map((event) => event.seq)).toEqual([2]);
    expect(cursor.seq).toBe(3);
  });
});

describe("gaps", () => {
  test("what was trimmed is named once and reading goes on after it", () => {
    const log = new MemoryLog();
    log.commit(...ticks(20));
    const cursor = log.cursor(3);
    log.events = log.events.slice(10);
    const first = cursor.read(5);
    expect(first.gap).toEqual({ from: 4, to: 10 });
    expect(first.events.map((event) => event.seq)).toEqual([11, 12, 13, 14, 15]);
    expect(cursor.read(5).gap).toBeNull();
  });

  test("a reader at the last trimmed event has lost nothing", () => {
    const log = new MemoryLog();
    log.commit(...ticks(20));
    log.events = log.events.slice(10);
    expect(log.cursor(10).read(1)).toMatchObject({ gap: null, events: [{ seq: 11 }] });
  });
});

describe("matches", () => {
  const event = { seq: 1, ...anEvent("Error", { elementId: "e" }) };

  test("an empty filter wants all", () => expect(matches({}, event)).toBe(true));

  test("every field of a filter has to fit", () => {
    expect(matches({ pipelineId: "p", elementId: "e", types: ["Error"] }, event)).toBe(true);
    expect(matches({ pipelineId: "q" }, event)).toBe(false);
    expect(matches({ elementId: "f" }, event)).toBe(false);
    expect(matches({ types: ["ObjectCreated"] }, event)).toBe(false);
    expect(matches({ types: [] }, event)).toBe(false);
  });
});
