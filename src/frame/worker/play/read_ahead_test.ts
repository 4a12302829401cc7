import { Buffer } from "node:buffer";
import { Packet } from "node-av/lib";
import { expect, test } from "vitest";
import { MediaFault } from "./media_fault.ts";
import { ReadAhead } from "./read_ahead.ts";

const timeBase = { num: 1, den: 1000 };

/** Packets of 100 ms, numbered by their first byte; fails or ends behind the last. */
function fakeSource(count: number, fault: MediaFault | null = null) {
  const source = {
    reads: 0,
    next: 0,
    read(packet: Packet): Promise<boolean> {
      source.reads++;
      if (source.next >= count) return fault ? Promise.reject(fault) : Promise.resolve(false);
      packet.data = Buffer.from([source.next, 1, 2, 3]);
      packet.dts = packet.pts = BigInt(source.next++ * 100);
      return Promise.resolve(true);
    },
    seek(positionMs: number): Promise<boolean> {
      source.next = positionMs / 100;
      return Promise.resolve(positionMs < 10_000);
    },
    streamOf: () => ({ timeBase }),
  };
  return source;
}

async function take(ahead: ReadAhead, count = Infinity): Promise<number[]> {
  using packet = new Packet();
  packet.alloc();
  const taken: number[] = [];
  while (taken.length < count && await ahead.read(packet)) {
    taken.push(packet.data![0]);
    packet.unref();
  }
  return taken;
}

const countUp = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test("packets come in order, once each, and so much is read before its time", async () => {
  const source = fakeSource(50);
  const ahead = new ReadAhead(source, 1000);
  expect(await take(ahead, 1)).toEqual([0]);
  await settle();
  // One taken, and what spans more than a second.
  expect(source.reads).toBe(1 + 12);
  expect(await take(ahead)).toEqual(countUp(49, 1));
  expect(await take(ahead)).toEqual([]);
});

test("nothing is read before it is asked for where nothing is to be ahead", async () => {
  const source = fakeSource(50);
  const ahead = new ReadAhead(source, 0);
  expect(await take(ahead, 3)).toEqual([0, 1, 2]);
  await settle();
  expect(source.reads).toBe(3);
});

test("another position drops what waits, also behind the end", async () => {
  const ahead = new ReadAhead(fakeSource(30), 1000);
  expect(await take(ahead, 5)).toEqual(countUp(5));
  expect(await ahead.seek(2500)).toBe(true);
  expect(await take(ahead)).toEqual(countUp(5, 25));
  expect(await ahead.seek(2800)).toBe(true);
  expect(await take(ahead)).toEqual([28, 29]);
  expect(await ahead.seek(10_000)).toBe(false);
});

test("a fault comes behind the packets before it", async () => {
  const ahead = new ReadAhead(fakeSource(5, new MediaFault("RESOURCE_ERROR_READ", "lost")), 1000);
  expect(await take(ahead, 5)).toEqual(countUp(5));
  await expect(take(ahead)).rejects.toThrow("lost");
});
