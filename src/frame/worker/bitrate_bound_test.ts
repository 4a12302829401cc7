import { expect, test } from "vitest";
import { BitrateBound } from "./bitrate_bound.ts";

test("an encoder that changes its rate without a keyframe follows every report", () => {
  const bound = new BitrateBound(true);
  expect(bound.bps).toBe(Infinity);
  for (const [bps, nowMs] of [[900_000, 0], [890_000, 10], [1_000_000, 20]]) {
    bound.take(bps, nowMs);
    expect(bound.bps).toBe(bps);
  }
});

test("others follow what is worth a keyframe: down within a second, up after five", () => {
  const bound = new BitrateBound(false);
  const after = (bps: number, nowMs: number) => {
    bound.take(bps, nowMs);
    return bound.bps;
  };
  expect(after(1_000_000, 0)).toBe(1_000_000);
  expect(after(500_000, 500)).toBe(1_000_000);
  expect(after(900_000, 1500)).toBe(1_000_000);
  expect(after(500_000, 1500)).toBe(500_000);
  expect(after(1_000_000, 4000)).toBe(500_000);
  expect(after(600_000, 9000)).toBe(500_000);
  expect(after(1_000_000, 9000)).toBe(1_000_000);
});
