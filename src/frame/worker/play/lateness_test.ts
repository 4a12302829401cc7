import { expect, test } from "vitest";
import { Lateness } from "./lateness.ts";

test("what is late within the limit passes", () => {
  const lateness = new Lateness(2000);
  for (const lateMs of [-5000, 0, 1999, 2000]) expect(lateness.judge(lateMs, 0)).toBe("pass");
});

test("after a stall the oldest are dropped, and those in time pass", () => {
  const lateness = new Lateness(2000);
  const verdicts = Array.from(
    { length: 50 },
    (_, index) => lateness.judge(5000 - index * 100, 10_000 + index),
  );
  expect(verdicts).toEqual([...Array(30).fill("drop"), ...Array(20).fill("pass")]);
});

test("who stays late is taken at its new time", () => {
  const lateness = new Lateness(2000);
  const verdicts = Array.from({ length: 40 }, (_, index) => lateness.judge(3000, index * 33));
  expect(verdicts.indexOf("restart")).toBe(31);
  expect(verdicts.slice(0, 31).every((verdict) => verdict === "drop")).toBe(true);
});

test("without a cache the jitter of a network passes all the same", () => {
  expect(new Lateness(0).judge(400, 0)).toBe("pass");
  expect(new Lateness(0).judge(600, 0)).toBe("drop");
});
