import { describe, expect, test } from "vitest";
import { limits } from "../limits.ts";
import { ReceivedTsns } from "./received_tsns.ts";
import { tsnDistance, tsnPlus } from "./serial.ts";

describe("received TSNs", () => {
  test("gaps are told as ranges behind the cumulative TSN, over the wrap of 32 bits too", () => {
    const tsns = new ReceivedTsns(0xfffffffe);
    for (const offset of [0, 3, 4, 6]) tsns.add(tsnPlus(0xfffffffe, offset));
    expect(tsns.cumulative).toBe(0xfffffffe);
    expect(tsns.gaps()).toEqual([{ start: 3, end: 4 }, { start: 6, end: 6 }]);
    tsns.add(tsnPlus(0xfffffffe, 5));
    expect(tsns.gaps()).toEqual([{ start: 3, end: 6 }]);
    tsns.add(0xffffffff);
    tsns.add(0);
    expect(tsns.cumulative).toBe(4);
    expect(tsns.hasGaps).toBe(false);
  });

  test("in any order of arrival the end is the same", () => {
    let state = 9;
    const random = (bound: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % bound;
    for (let round = 0; round < 50; round++) {
      const tsns = new ReceivedTsns(100);
      const left = Array.from({ length: 40 }, (_, i) => 100 + i);
      while (left.length > 0) {
        const [tsn] = left.splice(random(left.length), 1);
        expect(tsns.has(tsn)).toBe(false);
        tsns.add(tsn);
        expect(tsns.has(tsn)).toBe(true);
        const told = tsns.gaps().reduce((sum, { start, end }) => sum + end - start + 1, 0);
        expect(tsnDistance(99, tsns.cumulative) + told).toBe(40 - left.length);
      }
      expect(tsns.cumulative).toBe(139);
    }
  });

  test("what the sender gave up counts as come", () => {
    const tsns = new ReceivedTsns(1);
    [3, 5, 6, 9].forEach((tsn) => tsns.add(tsn));
    tsns.forward(5);
    expect(tsns.cumulative).toBe(6);
    tsns.forward(2);
    expect(tsns.cumulative).toBe(6);
    expect(tsns.gaps()).toEqual([{ start: 3, end: 3 }]);
  });

  test("neither a TSN too far ahead nor a gap too many fits, the next one always does", () => {
    const tsns = new ReceivedTsns(1);
    expect(tsns.fits(limits.sctpTsnsAhead)).toBe(true);
    expect(tsns.fits(limits.sctpTsnsAhead + 1)).toBe(false);
    for (let i = 0; i < limits.sctpGaps; i++) tsns.add(3 + 2 * i);
    expect(tsns.fits(5000)).toBe(false);
    expect(tsns.fits(1)).toBe(true);
    expect(tsns.gaps().length).toBeLessThan(300);
  });
});
