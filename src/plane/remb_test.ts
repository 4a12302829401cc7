import { describe, expect, test } from "vitest";
import type { RembParameters } from "./control.ts";
import { RembEstimate } from "./remb.ts";

const kurento: RembParameters = {
  packetsRecvIntervalTop: 100,
  exponentialFactor: 0.04,
  linealFactorMin: 50,
  linealFactorGrade: 30,
  decrementFactor: 0.5,
  thresholdFactor: 0.8,
  upLosses: 12,
  rembOnConnect: 300_000,
};
const plenty = 5_000_000;

function stepped(steps: number, parameters = kurento): RembEstimate {
  const estimate = new RembEstimate();
  for (let i = 0; i < steps; i++) estimate.step(plenty, 100, 0, parameters);
  return estimate;
}

describe("the estimate for publishers", () => {
  test("begins at rembOnConnect and grows by exponentialFactor each step while nothing is lost", () => {
    expect(stepped(1).bps).toBeCloseTo(300_000 * 1.04);
    expect(stepped(10).bps).toBeCloseTo(300_000 * 1.04 ** 10);
  });

  test("says nothing before anything arrived, and leads what arrives by a half at most", () => {
    const estimate = new RembEstimate();
    estimate.step(0, 0, 0, kurento);
    expect(estimate.bps).toBe(0);
    for (let i = 0; i < 200; i++) estimate.step(1_000_000, 100, 0, kurento);
    expect(estimate.bps).toBeCloseTo(1_600_000);
  });

  test("without a first figure it begins at what the publisher really sends", () => {
    const estimate = new RembEstimate();
    estimate.step(800_000, 100, 0, { ...kurento, rembOnConnect: 0 });
    expect(estimate.bps).toBeCloseTo(1_300_000);
  });

  test("falls to decrementFactor on losses above upLosses, then grows fast to the threshold only", () => {
    const estimate = stepped(20);
    const before = estimate.bps;
    estimate.step(plenty, 100, 20, kurento);
    expect(estimate.bps).toBeCloseTo(before / 2);
    let steps = 0;
    while (estimate.bps < before * 0.8) {
      const least = estimate.bps;
      estimate.step(plenty, 100, 0, kurento);
      expect(estimate.bps).toBeCloseTo(least * 1.04);
      steps++;
    }
    expect(steps).toBe(12);
    const beyond = estimate.bps;
    estimate.step(plenty, 100, 0, kurento);
    expect(estimate.bps - beyond).toBeGreaterThanOrEqual(50);
    expect(estimate.bps - beyond).toBeLessThan(beyond * 0.01);
  });

  test("a loss within upLosses of 256 is none, and the history smooths a single burst", () => {
    const estimate = stepped(20);
    const before = estimate.bps;
    estimate.step(plenty, 100, 4, kurento);
    expect(estimate.bps).toBeGreaterThan(before);
    const smooth = { ...kurento, packetsRecvIntervalTop: 2000 };
    estimate.step(plenty, 100, 20, smooth);
    expect(estimate.bps).toBeGreaterThan(before);
  });

  test("nobody is asked for less than 30 kbit/s", () => {
    const estimate = stepped(20);
    for (let i = 0; i < 50; i++) estimate.step(plenty, 100, 50, kurento);
    expect(estimate.bps).toBe(30_000);
  });
});
