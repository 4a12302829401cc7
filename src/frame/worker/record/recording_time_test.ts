import { expect, test } from "vitest";
import { RecordingTime } from "./recording_time.ts";

test("the first frame is at 0, and what lies between a cut and the next frame does not count", () => {
  const time = new RecordingTime();
  expect(time.of(5000)).toBe(0);
  expect(time.of(5040)).toBe(40);
  time.took(40, 40);
  time.cut();
  expect(time.of(9000)).toBe(80);
  expect(time.of(9040)).toBe(120);
  expect(time.endsMs).toBe(80);
});

test("frames from before the cut that come late are left out", () => {
  const time = new RecordingTime();
  time.of(5000);
  time.took(0, 100);
  time.cut();
  expect(time.of(9000)).toBe(100);
  expect(time.of(8990)).toBeNull();
  expect(time.of(8999.5)).toBe(100);
});
