import { afterEach, beforeEach, expect, test } from "vitest";
import { BodyDoor } from "./body_door.ts";

let door: BodyDoor;
beforeEach(() => void (door = new BodyDoor()));
afterEach(() => door.close());

/** A body of so many pieces of 64 kB; `fault` ends it in the middle. */
function bodyOf(count: number, fault?: Error) {
  const body = { pulled: 0, cancelled: false, stream: new ReadableStream<Uint8Array>() };
  body.stream = new ReadableStream({
    pull(controller) {
      if (body.pulled < count) return controller.enqueue(new Uint8Array(65_536).fill(++body.pulled));
      if (fault) controller.error(fault);
      else controller.close();
    },
    cancel: () => void (body.cancelled = true),
  }, { highWaterMark: 0 });
  return body;
}

test("a body is given once, to who knows its URL", async () => {
  const ends: string[] = [];
  const { url } = door.offerBody(bodyOf(3).stream, (end) => ends.push(end));
  expect((await fetch(`${url}x`)).status).toBe(404);
  const response = await fetch(url);
  const again = await fetch(url);
  expect(again.status).toBe(404);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([3 * 65_536, 1, 3]);
  expect(ends).toEqual(["whole"]);
  expect((await fetch(url)).status).toBe(404);
});

test("what came before a break is given, and the break is told", async () => {
  const ends: string[] = [];
  const { url } = door.offerBody(bodyOf(2, new Error("gone")).stream, (end) => ends.push(end));
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(2 * 65_536);
  expect(ends).toEqual(["broken"]);
});

test("nothing is read that nobody takes", async () => {
  const body = bodyOf(100_000);
  const ends: string[] = [];
  const { url, close } = door.offerBody(body.stream, (end) => ends.push(end));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(body.pulled).toBe(0);
  const reader = (await fetch(url)).body!.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // What fits into the buffers of two sockets.
  expect(body.pulled).toBeLessThan(400);
  await reader.cancel();
  await expect.poll(() => body.cancelled).toBe(true);
  expect(ends).toEqual(["left"]);
  close();
  expect(ends).toEqual(["left"]);
});

test("a body that is closed is not wanted any more, taken or not", async () => {
  const [first, second] = [bodyOf(100_000), bodyOf(100_000)];
  const ends: string[] = [];
  const offers = [first, second].map(({ stream }) => door.offerBody(stream, (end) => ends.push(end)));
  const response = await fetch(offers[1].url);
  for (const offer of offers) offer.close();
  expect([first.cancelled, second.cancelled]).toEqual([true, true]);
  expect(ends).toEqual(["left", "left"]);
  await response.arrayBuffer();
  expect((await fetch(offers[0].url)).status).toBe(404);
});
