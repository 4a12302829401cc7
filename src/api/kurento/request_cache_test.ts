import { expect, test, vi } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { RequestCache } from "./request_cache.ts";

const answer = (text: string) => () => Promise.resolve({ text, sessionId: "s" });

test("a request that comes again within its time gets the same answer and does not run", async () => {
  const clock = new VirtualClock();
  const cache = new RequestCache(clock, 20_000);
  expect((await cache.once("s", "1", answer("first"))).text).toBe("first");
  const again = vi.fn(answer("second"));
  clock.advance(19_999);
  expect((await cache.once("s", "1", again)).text).toBe("first");
  expect(again).not.toHaveBeenCalled();
  clock.advance(1);
  expect((await cache.once("s", "1", again)).text).toBe("second");
});

test("ids are counted by session", async () => {
  const cache = new RequestCache(new VirtualClock(), 20_000);
  await cache.once("s", "1", answer("of s"));
  expect((await cache.once("t", "1", answer("of t"))).text).toBe("of t");
});

test("a request that still runs is waited for", async () => {
  const cache = new RequestCache(new VirtualClock(), 20_000);
  let finish = (_: { text: string; sessionId: null }) => {};
  const slow = cache.once("s", "1", () => new Promise((resolve) => finish = resolve));
  const second = cache.once("s", "1", answer("second"));
  finish({ text: "slow", sessionId: null });
  expect((await slow).text).toBe("slow");
  expect((await second).text).toBe("slow");
});

test("old answers go, and large ones go early", async () => {
  const clock = new VirtualClock();
  const cache = new RequestCache(clock, 20_000);
  for (let id = 0; id < 100; id++) await cache.once(`session ${id % 7}`, String(id), answer("x"));
  expect(cache.size).toBe(100);
  clock.advance(20_000);
  await cache.once("s", "new", answer("x"));
  expect(cache.size).toBe(1);
  const megabyte = "x".repeat(1024 * 1024);
  for (let id = 0; id < 40; id++) await cache.once("s", String(id), answer(megabyte));
  expect(cache.size).toBeLessThanOrEqual(16);
});

test("answers of next to nothing are not kept without end either", async () => {
  const cache = new RequestCache(new VirtualClock(), 20_000);
  for (let id = 0; id < 50_000; id++) await cache.once(`session ${id}`, "1", answer("x"));
  expect(cache.size).toBeLessThan(40_000);
});

test("a busy session has its last thousand answers kept, and takes none from others", async () => {
  const cache = new RequestCache(new VirtualClock(), 20_000);
  await cache.once("quiet", "1", answer("of the quiet one"));
  for (let id = 0; id < 5000; id++) await cache.once("busy", String(id), answer("x"));
  expect(cache.size).toBe(1001);
  expect((await cache.once("busy", "4500", answer("again"))).text).toBe("x");
  expect((await cache.once("busy", "10", answer("again"))).text).toBe("again");
  expect((await cache.once("quiet", "1", answer("again"))).text).toBe("of the quiet one");
});

test("a request that failed is asked again", async () => {
  const cache = new RequestCache(new VirtualClock(), 20_000);
  await expect(cache.once("s", "1", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect((await cache.once("s", "1", answer("now"))).text).toBe("now");
});
