import { expect, test } from "vitest";
import { Residence } from "./residence.ts";

test("what is ready when it comes has not stayed, what is ready later has", () => {
  const residence = new Residence();
  expect(residence.read()).toBeNull();
  for (let index = 0; index < 10; index++) {
    residence.came(index * 40, 5000 + index * 40);
    residence.isReady(index * 40, 5000 + index * 40);
  }
  expect(residence.read()).toEqual({ medianMs: 0, p99Ms: 0, count: 10 });
  const slow = new Residence();
  for (let index = 3; index < 10; index++) {
    slow.came(index * 40, 5000 + index * 40);
    // Three frames later.
    slow.isReady((index - 3) * 40, 5000 + index * 40);
  }
  expect(slow.read()).toMatchObject({ medianMs: 120, count: 7 });
});

test("a clock that steps back a little gives no negative time", () => {
  const residence = new Residence();
  residence.came(100, 5000);
  residence.isReady(120, 5000);
  expect(residence.read()!.medianMs).toBe(0);
});
