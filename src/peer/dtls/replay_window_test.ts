import { expect, test } from "vitest";
import { ReplayWindow } from "./replay_window.ts";

test("a record number passes once, late ones within 64, older ones never", () => {
  const window = new ReplayWindow();
  expect([0, 0, 5, 3, 3, 5].map((n) => window.take(n))).toEqual([true, false, true, true, false, false]);
  expect(window.take(2 ** 47)).toBe(true);
  expect([2 ** 47 - 63, 2 ** 47 - 63, 2 ** 47 - 64].map((n) => window.take(n))).toEqual([true, false, false]);
});
