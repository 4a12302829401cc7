import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { carriesParameterSets, startsKeyframe } from "./h264.ts";

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

test("an SPS brings parameter sets: alone, in an aggregate, or as a first fragment", () => {
  const carries = (text: string) => carriesParameterSets(hex(text), 0, hex(text).length);
  expect([carries("67 42e01f"), carries("78 0002 09f0 0004 6742e01f"), carries("7c 87 42")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([carries("65 8880"), carries("68 ce"), carries("78 0002 68ce 0002 6588"), carries("7c 85 88")])
    .toEqual([false, false, false, false]);
  expect([carries("7c 07 42"), carries("67"), carries("78 0004 67")]).toEqual([false, false, false]);
});
