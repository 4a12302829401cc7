import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { carriesParameterSets, startsKeyframe } from "./h265.ts";

const starts = (text: string) => startsKeyframe(hex(text), 0, hex(text).length);

test("of single units a VPS, an SPS and the first slice segment of an IRAP picture start a keyframe", () => {
  expect([starts("4001 0c01"), starts("4201 0101")]).toEqual([true, true]);
  expect([starts("2601 af"), starts("2801 af"), starts("2a01 af"), starts("2001 80")])
    .toEqual([true, true, true, true]);
  expect(starts("2601 2f")).toBe(false);
  expect([starts("4401 c0"), starts("0201 d0"), starts("4e01 89")]).toEqual([false, false, false]);
});

test("an aggregation packet starts one with any of its units", () => {
  expect(starts("6001 0003 4401c0 0003 40010c")).toBe(true);
  expect(starts("6001 0003 4401c0 0003 2601af")).toBe(true);
  expect(starts("6001 0003 4401c0 0003 0201af")).toBe(false);
  expect(starts("6001 0003 4401c0 0008 2601af")).toBe(false);
});

test("a fragmentation unit starts one with its first fragment only", () => {
  expect(starts("6201 93 af")).toBe(true);
  expect(starts("6201 13 af")).toBe(false);
  expect(starts("6201 53 af")).toBe(false);
  expect(starts("6201 81 af")).toBe(false);
  expect(starts("6201 93 2f")).toBe(false);
});

test("what breaks off starts nothing", () => {
  for (const text of ["26", "2601", "6201 93", "6001 00", "6001 0003 40", "6401 93af"]) {
    expect(starts(text)).toBe(false);
  }
});

test("a VPS or SPS brings parameter sets: alone, in an aggregate, or as a first fragment", () => {
  const carries = (text: string) => carriesParameterSets(hex(text), 0, hex(text).length);
  expect([
    carries("4001 0c01"),
    carries("4201 0101"),
    carries("6001 0003 4401c0 0003 40010c"),
    carries("6201 a1 01"),
  ])
    .toEqual([true, true, true, true]);
  expect([
    carries("2601 af"),
    carries("4401 c0"),
    carries("6001 0003 4401c0 0003 2601af"),
    carries("6201 93 af"),
  ])
    .toEqual([false, false, false, false]);
  expect([carries("6201 21 01"), carries("4201"), carries("6001 0008 4201")]).toEqual([false, false, false]);
});
