import { describe, expect, test } from "vitest";
import { Approach } from "./approach.ts";

const packet = (decoded: number, presented = decoded, seconds = 0.04) => ({
  decoded,
  presented,
  end: presented + seconds,
});

describe("the way to a position", () => {
  test("is what is over before it; what is on show there is not", () => {
    const approach = new Approach();
    approach.begin(3);
    expect(approach.isOnWay("video", packet(2.9))).toBe(true);
    expect(approach.isOnWay("audio", packet(2.96))).toBe(true);
    expect(approach.isOnWay("audio", packet(2.98))).toBe(false);
    expect(approach.isOnWay("video", packet(3))).toBe(false);
    // Without a duration it is its time that counts.
    approach.begin(3);
    expect(approach.isOnWay("video", packet(2.99, 2.99, 0))).toBe(true);
    expect(approach.isOnWay("video", packet(3, 3, 0))).toBe(false);
  });

  test("has pictures that are decoded after later ones, until none can come any more", () => {
    const approach = new Approach();
    approach.begin(3);
    expect(approach.isOnWay("video", packet(2.84, 3))).toBe(false);
    expect(approach.isOnWay("video", packet(2.88, 2.92))).toBe(true);
    expect(approach.isOnWay("video", packet(3, 3.04))).toBe(false);
    // The medium's own time begins anew.
    expect(approach.isOnWay("video", packet(0))).toBe(false);
    expect(approach.isOnWay("audio", packet(0))).toBe(true);
  });

  test("is nothing where there is no position to go to", () => {
    const approach = new Approach();
    expect(approach.isOnWay("video", packet(0))).toBe(false);
    approach.begin(3);
    approach.end();
    expect([approach.isOnWay("video", packet(0)), approach.seconds]).toEqual([false, -Infinity]);
  });
});
