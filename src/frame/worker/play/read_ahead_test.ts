import { Buffer } from "node:buffer";
import { Packet } from "node-av/lib";
import { expect, test } from "vitest";
import { MediaFault } from "./media_fault.ts";
import { ReadAhead } from "./read_ahead.ts";

const timeBase = { num: 1, den: 1000 };

/** Packets of 100 ms, numbered by their first byte; fails or ends behind the last. */
function fakeSource(count: number, fault: MediaFault | null = null) {
  const source = {
    isMixed: false,
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

/** Gives packets of two streams as they are listed: name, then milliseconds. */
function mixedSource(...listed: string[]) {
  const streams = [{ timeBase }, { timeBase }];
  const source = {
    isMixed: true,
    reads: 0,
    read(packet: Packet): Promise<boolean> {
      const name = listed[source.reads++];
      if (name === undefined) return Promise.resolve(false);
      packet.data = Buffer.from(name);
      packet.streamIndex = name[0] === "v" ? 0 : 1;
      packet.dts = packet.pts = BigInt(name.slice(1));
      return Promise.resolve(true);
    },
    seek: () => Promise.resolve(true),
    streamOf: ({ streamIndex }: Packet) => streams[streamIndex],
  };
  return source;
}

async function namesOf(source: ReturnType<typeof mixedSource>, count = Infinity): Promise<string> {
  using packet = new Packet();
  packet.alloc();
  const ahead = new ReadAhead(source, 0);
  const names: string[] = [];
  for (; names.length < count && await ahead.read(packet); packet.unref()) {
    names.push(packet.data!.toString());
  }
  return names.join(" ");
}

test("two streams that come one behind the other are put in order of time, with no more read than shows it", async () => {
  const fragments = ["v0", "v1500", "v3000", "a0", "a1400", "a2800", "v4500", "v6000", "a4200", "a5600"];
  expect(await namesOf(mixedSource(...fragments))).toBe(
    "v0 a0 a1400 v1500 a2800 v3000 a4200 v4500 a5600 v6000",
  );
  const woven = mixedSource("v0", "a10", "v40", "a30", "v80", "a50");
  expect(await namesOf(woven, 1)).toBe("v0");
  expect(woven.reads).toBeLessThanOrEqual(3);
});

test("a stream is not waited for longer than one waits for any", async () => {
  const source = mixedSource("v0", "v4000", "v8000", "v12000", "v16000", "v20000");
  expect(await namesOf(source, 1)).toBe("v0");
  expect(source.reads).toBeLessThanOrEqual(5);
});

test("what comes after a step back of the time stays behind what came before it", async () => {
  const looped = ["v0", "v40", "a0", "a30", "v0", "v40", "a0", "a30"];
  expect(await namesOf(mixedSource(...looped))).toBe("v0 a0 a30 v40 v0 v40 a0 a30");
});
