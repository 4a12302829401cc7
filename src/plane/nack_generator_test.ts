import { describe, expect, test } from "vitest";
import { NackGenerator } from "./nack_generator.ts";

const due = new Int32Array(64);

function collected(nack: NackGenerator, nowMs: number): number[] {
  const count = nack.collect(nowMs, due);
  return [...due.slice(0, count)];
}

describe("the NACK generator", () => {
  test("asks for a gap at once, again after a round trip, and no more once it is filled", () => {
    const nack = new NackGenerator();
    nack.received(10, 0);
    nack.received(13, 0);
    expect(collected(nack, 0)).toEqual([11, 12]);
    expect(collected(nack, 50)).toEqual([]);
    nack.received(12, 60);
    expect(collected(nack, 120)).toEqual([11]);
    nack.received(11, 130);
    expect(collected(nack, 1000)).toEqual([]);
    expect(nack.count).toBe(0);
  });

  test("learns the round trip from first answers", () => {
    const nack = new NackGenerator();
    let sequence = 0;
    for (let nowMs = 0; nowMs < 8000; nowMs += 200) {
      nack.received(sequence, nowMs);
      nack.received(sequence + 2, nowMs);
      nack.collect(nowMs, due);
      nack.received(sequence + 1, nowMs + 20);
      sequence += 3;
    }
    expect(nack.roundTripMs).toBeGreaterThan(19);
    expect(nack.roundTripMs).toBeLessThan(25);
  });

  test("gives up after ten tries or a second and a half", () => {
    const nack = new NackGenerator();
    nack.received(1, 0);
    nack.received(3, 0);
    let asked = 0;
    for (let nowMs = 0; nowMs < 3000; nowMs += 10) asked += collected(nack, nowMs).length;
    expect(asked).toBe(10);
    expect(nack.count).toBe(0);
  });

  test("an outage of more than 512 packets is no loss to repair", () => {
    const nack = new NackGenerator();
    expect(nack.received(0, 0)).toBe(true);
    expect(nack.received(513, 0)).toBe(true);
    expect(nack.received(515, 0)).toBe(false);
    expect(nack.count).toBe(0);
    expect(nack.received(517, 0)).toBe(true);
    expect(collected(nack, 0)).toEqual([516]);
  });

  test("numbers asked for are the 16 bits on the wire", () => {
    const nack = new NackGenerator();
    nack.received(65535, 0);
    nack.received(65537, 0);
    expect(collected(nack, 0)).toEqual([0]);
  });
});
