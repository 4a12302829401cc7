import { expect, test } from "vitest";
import { AlignedSamples } from "./aligned_samples.ts";

/** Mono, frames of 4 samples, 2 of tolerance, at most 10 of silence. */
function run(pieces: [position: number, values: number[]][], flush = false): [number, number[]][] {
  const samples = new AlignedSamples(1, 4, 2, 10);
  const frames: [number, number[]][] = [];
  const take = (frame: Int16Array, position: number) => frames.push([position, [...frame]]);
  for (const [position, values] of pieces) samples.add(Int16Array.from(values), position, take);
  if (flush) samples.flush(take);
  return frames;
}

test("pieces become frames, and small differences are let be", () => {
  expect(run([[100, [1, 2, 3]], [104, [4, 5]], [104, [6, 7, 8]]])).toEqual([[100, [1, 2, 3, 4]], [104, [
    5,
    6,
    7,
    8,
  ]]]);
});

test("a hole is silence", () => {
  expect(run([[0, [1, 1]], [6, [2, 2]]])).toEqual([[0, [1, 1, 0, 0]], [4, [0, 0, 2, 2]]]);
});

test("what comes twice is dropped", () => {
  expect(run([[0, [1, 1, 1, 1, 2, 2]], [2, [9, 9, 9, 9, 3, 3]]])).toEqual([[0, [1, 1, 1, 1]], [4, [
    2,
    2,
    3,
    3,
  ]]]);
});

test("a long hole stays one, and what was before it is not kept back", () => {
  expect(run([[0, [1, 1]], [50, [2, 2, 2, 2]]])).toEqual([[0, [1, 1, 0, 0]], [50, [2, 2, 2, 2]]]);
});

test("the end is filled up", () => {
  expect(run([[0, [1]]], true)).toEqual([[0, [1, 0, 0, 0]]]);
  expect(run([], true)).toEqual([]);
});
