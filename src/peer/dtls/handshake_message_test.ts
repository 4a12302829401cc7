import { describe, expect, test } from "vitest";
import { join, uint } from "./byte_reader.ts";
import { encodeMessage, Reassembly } from "./handshake_message.ts";

const body = new Uint8Array(100).map((_, i) => i);

function fragment(sequence: number, from: number, to: number, total = body.length): Uint8Array {
  const header = [uint(11, 1), uint(total, 3), uint(sequence, 2), uint(from, 3), uint(to - from, 3)];
  return join(...header, body.subarray(from, to));
}

describe("reassembly", () => {
  test("puts overlapping fragments in any order together", () => {
    const reassembly = new Reassembly();
    for (const [from, to] of [[60, 100], [30, 70], [30, 70]]) reassembly.push(fragment(0, from, to), 0);
    expect(reassembly.next()).toBe(null);
    reassembly.push(fragment(0, 0, 40), 0);
    expect(reassembly.next()).toEqual({ type: 11, sequence: 0, epoch: 0, body });
  });

  test("gives messages in order and tells which came again", () => {
    const reassembly = new Reassembly();
    expect(reassembly.push(encodeMessage({ type: 2, sequence: 1, body }), 0)).toBe(Infinity);
    expect(reassembly.next()).toBe(null);
    reassembly.push(encodeMessage({ type: 1, sequence: 0, body }), 0);
    expect([reassembly.next()?.type, reassembly.next()?.type, reassembly.next()]).toEqual([1, 2, null]);
    expect(reassembly.push(join(fragment(1, 0, 5), fragment(0, 0, 5)), 0)).toBe(0);
  });

  test("holds nothing far ahead, too long or past its own end", () => {
    const reassembly = new Reassembly();
    reassembly.push(fragment(50, 0, 100), 0);
    reassembly.push(fragment(0, 0, 10, 1_000_000), 0);
    reassembly.push(fragment(0, 50, 100, 60), 0);
    reassembly.push(fragment(0, 0, 100).subarray(0, 50), 0);
    expect(reassembly.next()).toBe(null);
    reassembly.push(fragment(0, 0, 100), 0);
    expect(reassembly.next()?.body).toEqual(body);
  });
});
