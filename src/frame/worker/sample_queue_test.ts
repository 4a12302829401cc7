import { expect, test } from "vitest";
import { SampleQueue } from "./sample_queue.ts";

function recorded() {
  const frames: { position: number; values: number[] }[] = [];
  const queue = new SampleQueue(2, 4, 3);
  const add = (position: number, ...values: number[]) =>
    queue.add(Int16Array.from(values.flatMap((value) => [value, -value])), position, (frame, at) => {
      frames.push({ position: at, values: [...frame].filter((_, index) => index % 2 === 0) });
    });
  return { frames, add };
}

test("pieces of any size become frames of one size, without a sample lost", () => {
  const { frames, add } = recorded();
  add(100, 1, 2, 3);
  add(103, 4, 5, 6, 7, 8, 9);
  add(109, 10, 11, 12);
  expect(frames).toEqual([
    { position: 100, values: [1, 2, 3, 4] },
    { position: 104, values: [5, 6, 7, 8] },
    { position: 108, values: [9, 10, 11, 12] },
  ]);
});

test("small differences of the clocks are no hole, a large one begins a new frame at its own time", () => {
  const { frames, add } = recorded();
  add(100, 1, 2);
  add(104.6, 3, 4);
  add(110, 5, 6);
  add(112, 7, 8);
  add(50, 9, 10, 11, 12);
  expect(frames).toEqual([
    { position: 100, values: [1, 2, 3, 4] },
    { position: 110, values: [5, 6, 7, 8] },
    { position: 50, values: [9, 10, 11, 12] },
  ]);
});

test("a piece longer than the room makes room", () => {
  const { frames, add } = recorded();
  add(0, ...Array.from({ length: 1000 }, (_, index) => index));
  expect(frames.length).toBe(250);
  expect(frames.flatMap(({ values }) => values)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
});
