import { expect, test } from "vitest";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import type { ProgramEvent } from "../../types.ts";
import { RecordProgress } from "./record_progress.ts";

test("what was recorded is told every five seconds at most, over all files", () => {
  const clock = new VirtualClock();
  const events: ProgramEvent[] = [];
  const progress = new RecordProgress({ clock, event: (event) => events.push(event) });
  progress.begin();
  progress.grown(10, 100);
  expect(events).toEqual([]);
  clock.advance(5000);
  progress.grown(5000, 200);
  progress.grown(5001, 201);
  progress.finished(300);
  clock.advance(5000);
  progress.grown(10_000, 50);
  // It is paused.
  clock.advance(5000);
  progress.grown(10_000, 50);
  expect(events).toEqual([
    { type: "progress", job: "record", durationMs: 5000, bytes: 200 },
    { type: "progress", job: "record", durationMs: 10_000, bytes: 350 },
  ]);
});
