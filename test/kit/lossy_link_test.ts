import { expect, test } from "vitest";
import { LossyLink } from "./lossy_link.ts";

function journey(seed: number): number[] {
  const link = new LossyLink<number>({
    seed,
    lossFraction: 0.1,
    duplicateFraction: 0.1,
    reorderFraction: 0.1,
    reorderMs: 5,
    delayMs: 20,
  });
  const arrived: number[] = [];
  for (let nowMs = 0; nowMs < 1100; nowMs++) {
    if (nowMs < 1000) link.send(nowMs, nowMs);
    arrived.push(...link.receive(nowMs));
  }
  return arrived;
}

test("a link loses, doubles and reorders what it was told to, the same for the same seed", () => {
  const arrived = journey(1);
  expect(arrived).toEqual(journey(1));
  expect(arrived).not.toEqual(journey(2));
  const different = new Set(arrived).size;
  expect(different).toBeGreaterThan(850);
  expect(different).toBeLessThan(950);
  expect(arrived.length - different).toBeGreaterThan(50);
  expect(arrived.filter((item, i) => i > 0 && item < arrived[i - 1]).length).toBeGreaterThan(50);
});

test("nothing arrives before its delay has passed", () => {
  const link = new LossyLink<string>({ seed: 1, delayMs: 20 });
  link.send("a", 0);
  expect(link.receive(19)).toEqual([]);
  expect(link.receive(20)).toEqual(["a"]);
});
