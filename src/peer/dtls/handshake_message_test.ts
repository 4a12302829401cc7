import { describe, expect, test } from "vitest";
import { join, uint } from "./byte_reader.ts";
import { encodeMessage, Reassembly, splitMessage } from "./handshake_message.ts";

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

  test("sets no memory aside for empty pieces of a message, though a message may be empty", () => {
    const reassembly = new Reassembly();
    reassembly.push(fragment(0, 0, 0, 200), 0);
    reassembly.push(fragment(0, 0, 40), 0);
    // Had the empty piece counted, the next would have begun a message of another length and this one end it.
    reassembly.push(fragment(0, 0, 0, 200), 0);
    reassembly.push(fragment(0, 40, 100), 0);
    expect(reassembly.next()?.body).toEqual(body);
    reassembly.push(encodeMessage({ type: 14, sequence: 1, body: new Uint8Array(0) }), 0);
    expect(reassembly.next()?.type).toBe(14);
  });

  test("puts nothing together once it is closed, and still tells what came again", () => {
    const reassembly = new Reassembly();
    reassembly.push(fragment(0, 0, 100), 0);
    reassembly.next();
    reassembly.push(fragment(1, 0, 50), 0);
    reassembly.close();
    reassembly.push(fragment(1, 0, 100), 0);
    expect(reassembly.next()).toBe(null);
    expect(reassembly.push(fragment(0, 0, 100), 0)).toBe(0);
  });

  test("splits a message into fragments that make it again in any order", () => {
    const message = encodeMessage({ type: 11, sequence: 0, body });
    expect(splitMessage(message, 100)).toEqual([message]);
    const fragments = splitMessage(message, 33);
    expect(fragments.map((each) => each.length)).toEqual([45, 45, 45, 13]);
    const reassembly = new Reassembly();
    for (const each of fragments.reverse()) reassembly.push(each, 0);
    expect(reassembly.next()).toEqual({ type: 11, sequence: 0, epoch: 0, body });
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
