import { expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anEvent } from "../../test/kit/graph.ts";
import { EventBus, EventCursor } from "../event/mod.ts";
import { openStore, type Store } from "./mod.ts";

function inFolder(run: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "kaskado-events-"));
  try {
    run(join(folder, "kaskado.sqlite"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function commitMany(store: Store, count: number): void {
  for (let i = 0; i < count; i++) store.commit({ events: [anEvent("Tick", { data: { i } })] });
}

test("events get dense numbers and come back as they were returned", () => {
  const store = openStore(":memory:");
  expect([store.events.oldest(), store.events.newest()]).toEqual([0, 0]);
  const events = store.commit({
    events: [
      anEvent("A", { timeMs: 1.5, tags: [{ key: "k", value: "v" }], data: { deep: { list: [1] } } }),
      anEvent("B", { pipelineId: null, elementId: "e", sessionId: "s" }),
    ],
  });
  expect(events.map((event) => event.seq)).toEqual([1, 2]);
  expect(store.events.readSince(0, 10)).toEqual(events);
  expect(store.events.readSince(1, 10)).toEqual([events[1]]);
  expect(store.events.readSince(0, 1)).toEqual([events[0]]);
  expect(store.events.readSince(2, 10)).toEqual([]);
  expect(store.commit({})).toEqual([]);
  store.close();
});

test("the oldest events are trimmed in batches and at most a tenth too many are kept", () => {
  const store = openStore(":memory:", { keepEvents: 20 });
  const oldestAfter: number[] = [];
  for (let i = 1; i <= 26; i++) {
    commitMany(store, 1);
    oldestAfter.push(store.events.oldest());
    expect(store.events.readSince(0, 1)[0].seq).toBe(store.events.oldest());
  }
  expect(oldestAfter.slice(19)).toEqual([1, 1, 3, 3, 5, 5, 7]);
  store.close();
});

test("a reader whose events were trimmed is told of the gap and goes on without another loss", () => {
  const store = openStore(":memory:", { keepEvents: 10 });
  commitMany(store, 50);
  const cursor = new EventCursor(store.events, new EventBus(5), {}, 7);
  const { events, gap } = cursor.read(100);
  expect(gap).toEqual({ from: 8, to: store.events.oldest() - 1 });
  expect(events[0].seq).toBe(store.events.oldest());
  expect(events.at(-1)!.seq).toBe(50);
  store.close();
});

test("no number is given twice, over restarts and trimming to a single event", () => {
  inFolder((path) => {
    const seen: number[] = [];
    for (let start = 0; start < 4; start++) {
      const store = openStore(path, { keepEvents: 1 });
      for (let i = 0; i < 3; i++) seen.push(store.commit({ events: [anEvent("Tick")] })[0].seq);
      expect(store.events.oldest()).toBe(store.events.newest());
      store.close();
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });
});

test("a smaller number of events to keep trims at the next start", () => {
  inFolder((path) => {
    const before = openStore(path);
    commitMany(before, 100);
    before.close();
    const after = openStore(path, { keepEvents: 10 });
    expect([after.events.oldest(), after.events.newest()]).toEqual([91, 100]);
    expect(after.events.readSince(0, 1000)).toHaveLength(10);
    after.close();
  });
});
