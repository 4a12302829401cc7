import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { startsKeyframe } from "./h264.ts";

const starts = (text: string) => startsKeyframe(hex(text), 0, hex(text).length);

test("of single NAL units an SPS and the first slice of an IDR picture start a keyframe", () => {
  expect(starts("67 42e01f")).toBe(true);
  expect(starts("65 8880")).toBe(true);
  // first_mb_in_slice is not 0: a later slice of the same picture.
  expect(starts("65 4880")).toBe(false);
  expect([starts("68 ce3c80"), starts("61 9a00"), starts("06 0501"), starts("09 f0")])
    .toEqual([false, false, false, false]);
});

test("a STAP-A starts one with any of its units", () => {
  expect(starts("78 0002 09f0 0004 6742e01f 0002 68ce")).toBe(true);
  expect(starts("78 0002 68ce 0002 6588")).toBe(true);
  expect(starts("78 0002 68ce 0002 6188")).toBe(false);
  expect(starts("78 0002 68ce 0009 6588")).toBe(false);
  expect(starts("78 0000 0001 67 0002 6588")).toBe(true);
});

test("a FU-A starts one with its first fragment only", () => {
  expect(starts("7c 85 8880")).toBe(true);
  expect(starts("7c 05 8880")).toBe(false);
  expect(starts("7c 45 8880")).toBe(false);
  expect(starts("7c 81 8880")).toBe(false);
  expect(starts("7c 85 4880")).toBe(false);
  expect(starts("7c 87 42")).toBe(true);
});

test("what breaks off starts nothing", () => {
  for (const text of ["65", "7c 85", "78 00", "78 0004 67", "1d 858880"]) expect(starts(text)).toBe(false);
});
