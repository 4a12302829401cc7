import { expect, test } from "vitest";
import { ReorderWindow } from "./reorder_window.ts";

function recorded(patienceMs = 100) {
  const seen: (number | "gap")[] = [];
  const window = new ReorderWindow<number>(patienceMs, {
    packet: (item) => seen.push(item),
    gap: () => seen.push("gap"),
  });
  return { seen, window };
}

test("packets come out in order, across the end of the numbers too", () => {
  const { seen, window } = recorded();
  for (const number of [65533, 65535, 65534, 1, 0, 65535, 2]) window.take(number, number, 0);
  expect(seen).toEqual([65533, 65534, 65535, 0, 1, 2]);
  expect(window.lateCount).toBe(1);
  expect(window.isWaiting).toBe(false);
});

test("a packet that is sent again within the patience closes the gap, a later one does not", () => {
  const { seen, window } = recorded(100);
  window.take(1, 1, 0);
  window.take(3, 3, 10);
  window.tick(109);
  window.take(2, 2, 109);
  window.take(5, 5, 120);
  window.take(6, 6, 130);
  window.tick(219);
  expect(seen).toEqual([1, 2, 3]);
  window.tick(220);
  window.take(4, 4, 230);
  expect(seen).toEqual([1, 2, 3, "gap", 5, 6]);
  expect([window.lostCount, window.lateCount]).toEqual([1, 1]);
});

test("two gaps have their patience one after the other", () => {
  const { seen, window } = recorded(100);
  for (const number of [1, 3, 5]) window.take(number, number, 0);
  window.tick(100);
  expect(seen).toEqual([1, "gap", 3]);
  window.tick(200);
  expect(seen).toEqual([1, "gap", 3, "gap", 5]);
});

test("memory is bounded however much is missed", () => {
  const { seen, window } = recorded(1e9);
  window.take(1, 1, 0);
  for (let number = 3; number < 600; number++) window.take(number, number, 0);
  expect(seen.slice(0, 3)).toEqual([1, "gap", 3]);
});

test("a stream that starts anew far away is followed", () => {
  const { seen, window } = recorded();
  for (const number of [100, 101, 40_000, 40_001]) window.take(number, number, 0);
  expect(seen).toEqual([100, 101, "gap", 40_000, 40_001]);
});
