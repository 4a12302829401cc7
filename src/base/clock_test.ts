import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "./mod.ts";

test("time is milliseconds since the epoch and never goes back", () => {
  let last = systemClock.now();
  expect(new Date(last).getUTCFullYear()).toBeGreaterThanOrEqual(2025);
  for (let i = 0; i < 10_000; i++) {
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

describe("timers", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("after runs once", () => {
    const run = vi.fn();
    systemClock.after(100, run);
    vi.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("every runs each period until cancelled, and cancelling twice is safe", () => {
    const run = vi.fn();
    const timer = systemClock.every(100, run);
    vi.advanceTimersByTime(350);
    expect(run).toHaveBeenCalledTimes(3);
    timer.cancel();
    timer.cancel();
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(3);
  });

  test("a cancelled timer does not run", () => {
    const run = vi.fn();
    systemClock.after(100, run).cancel();
    vi.advanceTimersByTime(1000);
    expect(run).not.toHaveBeenCalled();
  });
});
