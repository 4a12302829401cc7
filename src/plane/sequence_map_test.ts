import { describe, expect, test } from "vitest";
import { SequenceMap } from "./sequence_map.ts";

function started(): SequenceMap {
  const map = new SequenceMap();
  map.start(100, 5000);
  return map;
}

describe("a sequence map", () => {
  test("shifts by a constant and keeps gaps", () => {
    const map = started();
    expect([100, 101, 105, 103].map((input) => map.outputOf(input))).toEqual([5000, 5001, 5005, 5003]);
  });

  test("takes nothing from before its start", () => {
    expect(started().outputOf(99)).toBe(-1);
  });

  test("leaves packets out without a hole, and late ones before them keep their place", () => {
    const map = started();
    expect(map.outputOf(100)).toBe(5000);
    expect(map.leaveOut(102)).toBe(true);
    expect(map.leaveOut(103)).toBe(true);
    expect(map.outputOf(104)).toBe(5002);
    expect(map.outputOf(101)).toBe(5001);
    expect(map.outputOf(102)).toBe(-1);
  });

  test("cannot leave out what later packets have overtaken", () => {
    const map = started();
    map.outputOf(105);
    expect(map.leaveOut(104)).toBe(false);
    expect(map.outputOf(104)).toBe(5004);
  });

  test("forgets the oldest of very many left-out packets together with what lies before it", () => {
    const map = started();
    map.outputOf(100);
    for (let i = 0; i < 40; i++) expect(map.leaveOut(102 + i)).toBe(true);
    expect(map.outputOf(101)).toBe(-1);
    expect(map.outputOf(142)).toBe(5002);
  });

  test("makes room before the newest packet, and late ones before that keep their place", () => {
    const map = started();
    expect(map.makeRoomBefore(100, 2)).toBe(5000);
    expect([100, 103].map((input) => map.outputOf(input))).toEqual([5002, 5005]);
    expect(map.leaveOut(104)).toBe(true);
    expect(map.makeRoomBefore(105, 3)).toBe(5006);
    expect([105, 106].map((input) => map.outputOf(input))).toEqual([5009, 5010]);
    expect([99, 100, 102, 104, 101].map((input) => map.outputOf(input))).toEqual([-1, 5002, 5004, -1, 5003]);
  });

  test("makes no room before what later packets have overtaken", () => {
    const map = started();
    map.outputOf(105);
    expect(map.makeRoomBefore(104, 2)).toBe(-1);
    expect(map.outputOf(104)).toBe(5004);
  });
});
