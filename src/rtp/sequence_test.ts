import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../test/kit/wire.ts";
import {
  ExtendedSequence,
  low16,
  ReplayWindow,
  rolloverOf,
  sequenceDelta,
  timestampDelta,
} from "./sequence.ts";

describe("differences", () => {
  test("go the shorter way round", () => {
    expect(sequenceDelta(1, 0xffff)).toBe(2);
    expect(sequenceDelta(0xffff, 1)).toBe(-2);
    expect(sequenceDelta(0x7fff, 0)).toBe(0x7fff);
    expect(sequenceDelta(0x8000, 0)).toBe(-0x8000);
    expect(timestampDelta(5, 0xfffffffb)).toBe(10);
    expect(timestampDelta(0xfffffffb, 5)).toBe(-10);
  });
});

/** The estimate of the packet index of RFC 3711 appendix A. */
function rfcIndex(seq: number, highestSeq: number, rollover: number): number {
  let v = rollover;
  if (highestSeq < 32768) {
    if (seq - highestSeq > 32768) v = rollover - 1;
  } else if (highestSeq - 32768 > seq) v = rollover + 1;
  return v * 65536 + seq;
}

describe("extended sequence numbers", () => {
  test("grow over the wrap, and reordered ones go back over it", () => {
    const sequence = new ExtendedSequence();
    const feed = (seq: number) => {
      const extended = sequence.unwrap(seq);
      sequence.update(extended);
      return extended;
    };
    expect([65534, 65535, 0, 1, 65533, 2].map(feed)).toEqual([65534, 65535, 65536, 65537, 65533, 65538]);
    expect(sequence.highest).toBe(65538);
  });

  test("unwrapping changes nothing until the result is recorded", () => {
    const sequence = new ExtendedSequence();
    expect(sequence.unwrap(60000)).toBe(60000);
    expect(sequence.unwrap(10)).toBe(10);
    sequence.update(10);
    expect(sequence.unwrap(65535)).toBe(-1);
    sequence.update(-1);
    expect(sequence.highest).toBe(10);
  });

  test("agree with RFC 3711 appendix A wherever half a cycle does not tie", () => {
    const next = seededNumbers(3);
    for (let round = 0; round < 20_000; round++) {
      const sequence = new ExtendedSequence();
      const rollover = next(3) === 0 ? 2 ** 32 - 2 - next(5) : 1 + next(1000);
      sequence.update(rollover * 65536 + next(65536));
      const seq = next(65536);
      const highestSeq = low16(sequence.highest);
      if (Math.abs(seq - highestSeq) === 32768) continue;
      expect(sequence.unwrap(seq)).toBe(rfcIndex(seq, highestSeq, rollover));
    }
  });

  test("come apart into roll-over counter and wire bits up to 2^48 and below zero", () => {
    const extended = (2 ** 32 - 1) * 65536 + 0xabcd;
    expect([rolloverOf(extended), low16(extended)]).toEqual([2 ** 32 - 1, 0xabcd]);
    expect([rolloverOf(-1), low16(-1)]).toEqual([-1, 65535]);
    expect([rolloverOf(65535), rolloverOf(65536)]).toEqual([0, 1]);
  });
});

describe("the replay window", () => {
  test("refuses what is recorded, negative or older than its size", () => {
    const window = new ReplayWindow(64);
    window.record(100);
    expect([100, 99, 37, 36, 0, -1, 101].map((i) => window.accepts(i)))
      .toEqual([false, true, true, false, false, false, true]);
    window.record(37);
    expect(window.accepts(37)).toBe(false);
  });

  test("forgets nothing within its reach when it moves by one, by many and by more than its size", () => {
    const window = new ReplayWindow(64);
    for (const index of [0, 1, 63, 64, 70]) window.record(index);
    expect([7, 8, 63, 64, 65, 70].map((i) => window.accepts(i))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
    window.record(10_000);
    expect([9_999, 9_937, 10_000].map((i) => window.accepts(i))).toEqual([true, true, false]);
  });

  test("behaves like a set of recorded indices over any order, beyond 2^32 too", () => {
    const next = seededNumbers(11);
    for (const base of [0, 2 ** 31 - 500, 2 ** 32 - 500, 2 ** 47]) {
      const window = new ReplayWindow();
      const recorded = new Set<number>();
      let highest = -1;
      for (let i = 0; i < 5_000; i++) {
        const index = base + Math.max(0, i + next(3000) - 1500);
        const fresh = index > highest - 1024 && !recorded.has(index);
        expect(window.accepts(index)).toBe(fresh);
        if (!fresh) continue;
        window.record(index);
        recorded.add(index);
        highest = Math.max(highest, index);
      }
    }
  });
});
