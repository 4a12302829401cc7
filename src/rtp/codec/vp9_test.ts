import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { startsKeyframe } from "./vp9.ts";

const starts = (text: string) => startsKeyframe(hex(text), 0, hex(text).length);

test("the first packet of a picture that is not predicted starts a keyframe", () => {
  // I, B, V with a 15-bit picture id; then with P, then without B.
  expect(starts("8a 8123 18 82")).toBe(true);
  expect(starts("ca 8123 18 82")).toBe(false);
  expect(starts("82 8123 18 82")).toBe(false);
});

test("of several spatial layers the lowest one starts it", () => {
  // I, L, B: picture id of 7 and 15 bits, then TID 0, U, SID, D.
  expect(starts("a8 05 10 00 82")).toBe(true);
  expect(starts("a8 8005 10 00 82")).toBe(true);
  expect(starts("a8 05 13 00 82")).toBe(false);
  expect(starts("a8 8005 15 00 82")).toBe(false);
  expect(starts("28 10 00 82")).toBe(true);
  expect(starts("28 12 00 82")).toBe(false);
});

test("behind a bare descriptor the frame's own header decides, in every profile", () => {
  expect([starts("08 82"), starts("08 86"), starts("08 8a"), starts("08 42")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([starts("0c a1"), starts("0c a5")]).toEqual([true, false]);
  expect([starts("08 b0"), starts("08 b2"), starts("08 b4"), starts("08 b8")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("a descriptor that breaks off starts nothing", () => {
  for (const text of ["08", "a8 80", "a8 8005", "a8 05"]) expect(starts(text)).toBe(false);
});
