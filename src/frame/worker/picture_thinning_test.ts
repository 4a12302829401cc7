import { expect, test } from "vitest";
import { PictureThinning } from "./picture_thinning.ts";

/** Time stamps of the pictures that are given of `count` that come at this rate, give or take `jitter`. */
function given(maxFps: number | null, fps: number, count = 600, jitter = 0): number[] {
  const thinning = new PictureThinning();
  thinning.maxFps = maxFps;
  return Array.from({ length: count }, (_, index) => index * 90_000 / fps + (index % 2 ? jitter : -jitter))
    .filter((timestamp) => thinning.takes(timestamp));
}

test("no more pictures are given than are wanted, and as many as that where enough come", () => {
  expect(given(10, 25)).toHaveLength(240);
  expect(given(30, 60)).toHaveLength(300);
  expect(given(30, 45)).toHaveLength(400);
  expect(given(0.5, 25)).toHaveLength(12);
});

test("they stand evenly", () => {
  const distances = given(15, 30).map((timestamp, index, all) => timestamp - (all[index - 1] ?? -6000));
  expect(new Set(distances)).toEqual(new Set([6000]));
});

test("all are given where no more come than that, though their clock is not exact, or nothing is wanted", () => {
  expect(given(30, 25)).toHaveLength(600);
  expect(given(30, 30, 600, 500)).toHaveLength(600);
  expect(given(30, 30.02)).toHaveLength(600);
  expect(given(null, 120)).toHaveLength(600);
});

test("a pause is not made up for, and time stamps may begin anew", () => {
  const thinning = new PictureThinning();
  thinning.maxFps = 10;
  expect([0, 3000, 900_000, 903_000, 908_000].map((at) => thinning.takes(at))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(thinning.takes(10)).toBe(false);
  thinning.restart();
  expect(thinning.takes(10)).toBe(true);
});
