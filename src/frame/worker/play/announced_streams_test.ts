import { expect, test } from "vitest";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { AnnouncedStreams } from "./announced_streams.ts";

async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => done = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return done;
}

test("the first packets wait until every stream that was announced is taken", async () => {
  const streams = new AnnouncedStreams(new VirtualClock());
  streams.add(1);
  streams.add(2);
  const all = streams.allTaken();
  streams.taken(1);
  streams.taken(3);
  expect(await isDone(all)).toBe(false);
  streams.taken(2);
  expect(await isDone(all)).toBe(true);
  expect(await isDone(streams.allTaken())).toBe(true);
});

test("what was taken before anybody waited is waited for no more", async () => {
  const streams = new AnnouncedStreams(new VirtualClock());
  streams.add(1);
  streams.taken(1);
  expect(await isDone(streams.allTaken())).toBe(true);
});

test("after a second it goes on without", async () => {
  const clock = new VirtualClock();
  const streams = new AnnouncedStreams(clock);
  streams.add(1);
  const all = streams.allTaken();
  clock.advance(999);
  expect(await isDone(all)).toBe(false);
  clock.advance(1);
  expect(await isDone(all)).toBe(true);
  expect(await isDone(streams.allTaken())).toBe(true);
});
