import { describe, expect, test, vi } from "vitest";
import { anEvent } from "../../test/kit/graph.ts";
import { EventBus, type EventEnvelope } from "./mod.ts";

const numbered = (...seqs: number[]): EventEnvelope[] => seqs.map((seq) => ({ seq, ...anEvent("Tick") }));
const seqs = (events: EventEnvelope[] | null) => events && events.map((event) => event.seq);

describe("subscribe", () => {
  test("listeners hear the newest number once per commit", () => {
    const bus = new EventBus(10);
    const listener = vi.fn();
    bus.subscribe(listener);
    bus.publish(numbered(1, 2, 3));
    bus.publish(numbered(4));
    expect(listener.mock.calls).toEqual([[3], [4]]);
  });

  test("a commit without events is silent", () => {
    const bus = new EventBus(10);
    const listener = vi.fn();
    bus.subscribe(listener);
    bus.publish([]);
    expect(listener).not.toHaveBeenCalled();
  });

  test("who stops listening hears no more, even when stopped by another listener", () => {
    const bus = new EventBus(10);
    const late = vi.fn();
    bus.subscribe(() => stopLate());
    const stopLate = bus.subscribe(late);
    bus.publish(numbered(1));
    bus.publish(numbered(2));
    expect(late.mock.calls.length).toBeLessThanOrEqual(1);
  });

  test("a listener that throws takes the event from nobody else", () => {
    const bus = new EventBus(10);
    const other = vi.fn();
    bus.subscribe(() => {
      throw new Error("broken reader");
    });
    bus.subscribe(other);
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(() => bus.publish(numbered(1))).not.toThrow();
    expect(written).toHaveBeenCalledWith(expect.stringContaining("broken reader"));
    written.mockRestore();
    expect(other).toHaveBeenCalledWith(1);
  });
});

describe("recentSince", () => {
  test("gives what follows a number while it is in memory", () => {
    const bus = new EventBus(10);
    bus.publish(numbered(5, 6, 7));
    expect(seqs(bus.recentSince(4, 10))).toEqual([5, 6, 7]);
    expect(seqs(bus.recentSince(5, 1))).toEqual([6]);
    expect(seqs(bus.recentSince(7, 10))).toEqual([]);
  });

  test("is null when something in between is only in the log", () => {
    const bus = new EventBus(10);
    expect(bus.recentSince(0, 10)).toBeNull();
    bus.publish(numbered(5));
    expect(bus.recentSince(3, 10)).toBeNull();
  });

  test("keeps at least as many as asked and never more than twice that", () => {
    const bus = new EventBus(4);
    for (let seq = 1; seq <= 100; seq++) {
      bus.publish(numbered(seq));
      if (seq >= 4) expect(seqs(bus.recentSince(seq - 4, 10))).toHaveLength(4);
      expect(bus.recentSince(seq - 9, 10) === null || seq < 9).toBe(true);
    }
  });

  test("one commit larger than what is kept leaves its end", () => {
    const bus = new EventBus(2);
    bus.publish(numbered(1, 2, 3, 4, 5, 6, 7));
    expect(seqs(bus.recentSince(5, 10))).toEqual([6, 7]);
    expect(bus.recentSince(4, 10)).toBeNull();
  });
});
