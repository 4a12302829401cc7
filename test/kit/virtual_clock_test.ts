import { expect, test } from "vitest";
import { VirtualClock } from "./virtual_clock.ts";

test("timers run in the order of their times, each at its own time, and not when cancelled", () => {
  const clock = new VirtualClock(0);
  const log: string[] = [];
  clock.after(30, () => log.push(`late ${clock.now()}`));
  clock.after(10, () => log.push(`early ${clock.now()}`));
  clock.after(20, () => log.push("never")).cancel();
  const ticking = clock.every(12, () => log.push(`tick ${clock.now()}`));
  clock.advance(25);
  ticking.cancel();
  clock.advance(100);
  expect(log).toEqual(["early 10", "tick 12", "tick 24", "late 30"]);
  expect(clock.now()).toBe(125);
  expect(clock.pending).toBe(0);
});
