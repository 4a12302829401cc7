import { afterEach, beforeEach, expect, test } from "vitest";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { systemClock } from "../../../base/mod.ts";
import { BodyDoor } from "../../body_door.ts";
import { BodySource } from "./body_source.ts";

const MiB = 1024 * 1024;
let door: BodyDoor;
beforeEach(() => void (door = new BodyDoor()));
afterEach(() => door.close());

/** A body of these pieces, which ends unless `isEndless`. */
function offer(pieces: Iterable<Uint8Array>, isEndless = false): string {
  const next = pieces[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = next.next();
      if (!done) return controller.enqueue(value);
      if (isEndless) return new Promise(() => {});
      controller.close();
    },
  }, { highWaterMark: 0 });
  return door.offerBody(body, () => {}).url;
}

/** The head of an MP4 file whose media comes before its index. */
function indexLast(length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, index) => index);
  bytes.set([0, 0, 0, 16, ...new TextEncoder().encode("ftypisom"), 0, 0, 0, 0]);
  bytes.set([0, 0, 0, 99, ...new TextEncoder().encode("mdat")], 16);
  return bytes;
}

const bytesAt = async (url: string, range?: string) => {
  const response = await fetch(url, range ? { headers: { Range: range } } : {});
  return {
    status: response.status,
    range: response.headers.get("Content-Range"),
    bytes: new Uint8Array(await response.arrayBuffer()),
  };
};

test("what can be played as it comes passes, from its first byte to its last", async () => {
  const pieces = [1, 2, 3].map((value) => new Uint8Array(10_000).fill(value));
  const source = await BodySource.open(offer(pieces), systemClock, () => {});
  expect(source.isSeekable).toBe(false);
  expect((await bytesAt(`${source.url}x`)).status).toBe(404);
  const { bytes } = await bytesAt(source.url);
  expect([bytes.length, bytes[0], bytes[15_000], bytes.at(-1)]).toEqual([30_000, 1, 2, 3]);
  source.close();
});

test("an empty body is empty, and one of a few bytes has those", async () => {
  for (const length of [0, 3]) {
    const source = await BodySource.open(
      offer([new Uint8Array(length)].filter((each) => each.length)),
      systemClock,
      () => {},
    );
    expect((await bytesAt(source.url)).bytes.length).toBe(length);
    source.close();
  }
});

test("MP4 with its index at the end is held, and can be read from anywhere", async () => {
  const file = indexLast(5000);
  const pieces = [file.subarray(0, 10), file.subarray(10, 3000), file.subarray(3000)];
  const source = await BodySource.open(offer(pieces), systemClock, () => {});
  expect(source.isSeekable).toBe(true);
  expect((await bytesAt(source.url)).bytes).toEqual(file);
  expect(await bytesAt(source.url, "bytes=4990-")).toEqual({
    status: 206,
    range: "bytes 4990-4999/5000",
    bytes: file.subarray(4990),
  });
  expect((await bytesAt(source.url, "bytes=5000-")).status).toBe(416);
  source.close();
});

test("more of it than may be held is refused", async () => {
  function* pieces() {
    yield indexLast(MiB);
    for (let count = 0; count < 64; count++) yield new Uint8Array(MiB);
  }
  await expect(BodySource.open(offer(pieces()), systemClock, () => {})).rejects.toMatchObject({
    kind: "INVALID_MEDIA",
  });
});

test.each([
  ["held", indexLast(100)],
  ["passed on", new Uint8Array(100)],
  ["too short to know", new Uint8Array(3)],
])("a client that falls silent ends its body, and that is told once: %s", async (_title, bytes) => {
  const clock = new VirtualClock();
  const told: number[] = [];
  const opening = BodySource.open(offer([bytes], true), clock, (silentMs) => told.push(silentMs));
  const timer = setInterval(() => clock.advance(1000), 5);
  const source = await opening;
  expect((await bytesAt(source.url)).bytes.length).toBe(bytes.length);
  clearInterval(timer);
  source.close();
  clock.advance(60_000);
  expect(told).toEqual([15_000]);
});

test("an end is no silence, nor is a body that is not wanted any more", async () => {
  const clock = new VirtualClock();
  const told: number[] = [];
  const stalled = (silentMs: number) => void told.push(silentMs);
  const whole = await BodySource.open(offer([new Uint8Array(100)]), clock, stalled);
  expect((await bytesAt(whole.url)).bytes.length).toBe(100);
  const left = await BodySource.open(offer([new Uint8Array(100)], true), clock, stalled);
  const reader = (await fetch(left.url)).body!.getReader();
  await reader.read();
  left.close();
  whole.close();
  clock.advance(60_000);
  expect(told).toEqual([]);
  await reader.cancel().catch(() => {});
});

test("a body that is not there any more is a fault", async () => {
  const url = offer([new Uint8Array(1)]);
  const gone = BodySource.open(`${url}x`, systemClock, () => {});
  await expect(gone).rejects.toMatchObject({ kind: "RESOURCE_ERROR_OPEN" });
});
