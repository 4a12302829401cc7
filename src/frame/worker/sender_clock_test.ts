import { expect, test } from "vitest";
import { FrameRate } from "./frame_rate.ts";
import { Latency } from "./latency.ts";
import { SenderClock } from "./sender_clock.ts";

test("a sender's report says where its clock stands, and later frames change nothing of it", () => {
  const clock = new SenderClock(90_000);
  expect(clock.isKnown).toBe(false);
  clock.report(5_000_000, 1000, 100);
  clock.frame(999_999, 150);
  expect(clock.isKnown).toBe(true);
  expect(clock.timestampAt(1100)).toBe(91_000);
  expect(clock.ntpMsAt(1100)).toBe(5_001_000);
});

test("without reports the frame that came earliest against its time stamp counts", () => {
  const clock = new SenderClock(90_000);
  clock.frame(2 ** 32 + 3000, 1000);
  clock.frame(2 ** 32 + 6000, 1053);
  expect(clock.timestampAt(1053)).toBe(3000 + 53 * 90);
  clock.frame(2 ** 32 + 9000, 1060);
  expect(clock.timestampAt(1060)).toBe(9000);
  expect(clock.ntpMsAt(1060)).toBe(1060);
});

test("a stream that begins anew is followed, and the clock goes round its 32 bits", () => {
  const clock = new SenderClock(90_000);
  clock.frame(50_000_000, 1000);
  clock.frame(1000, 2000);
  expect(clock.timestampAt(2000)).toBe(1000);
  clock.report(0, 2 ** 32 - 90, 3000);
  expect(clock.timestampAt(3002)).toBe(90);
});

test("the frame rate is the median, and a gap does not move it", () => {
  const rate = new FrameRate();
  expect(rate.fps).toBe(30);
  let at = 0;
  for (let i = 0; i < 40; i++) rate.add(at += i === 20 ? 90_000 : 6000);
  expect(rate.fps).toBe(15);
  expect([rate.isFarFrom(30, 1.5), rate.isFarFrom(16, 1.5)]).toEqual([true, false]);
});

test("latency is known by its median and its worst", () => {
  const latency = new Latency();
  expect(latency.read()).toBeNull();
  for (let ms = 600; ms > 0; ms--) latency.add(ms);
  expect(latency.read()).toEqual({ medianMs: 256, p99Ms: 506, count: 512 });
});
