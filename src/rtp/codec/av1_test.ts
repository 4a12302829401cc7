import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { startsKeyframe } from "./av1.ts";

const starts = (text: string) => startsKeyframe(hex(text), 0, hex(text).length);

test("the N bit starts a coded video sequence, except in a continuation", () => {
  expect(starts("18 30aabb")).toBe(true);
  expect(starts("98 30aabb")).toBe(false);
});

test("without the N bit a sequence header OBU does, at any place", () => {
  expect(starts("10 0aaabb")).toBe(true);
  expect(starts("20 02 0aaa 30bb")).toBe(true);
  expect(starts("20 02 30aa 08bb")).toBe(true);
  expect(starts("30 02 30aa 01 2a 08bb")).toBe(true);
  expect(starts("00 02 30aa 02 08bb")).toBe(true);
  expect(starts("00 8200 30aa 8200 08bb")).toBe(true);
});

test("other OBUs do not, nor a header where the packet continues an earlier one", () => {
  expect([starts("10 30aabb"), starts("20 02 30aa 28bb"), starts("00 02 30aa 02 30bb")]).toEqual([
    false,
    false,
    false,
  ]);
  expect(starts("90 0aaabb")).toBe(false);
  expect(starts("20 02 3008 3008")).toBe(false);
});

test("an element that leaves the packet, or a length that does not end, starts nothing", () => {
  for (const text of ["10", "20 09 0aaa", "00 80", "00 8080808001 0aaa", "00 00 00", "20 ffffff7f 0a"]) {
    expect(starts(text)).toBe(false);
  }
});
