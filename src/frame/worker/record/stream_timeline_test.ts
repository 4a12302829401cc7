import { describe, expect, test } from "vitest";
import { SenderClocks, StreamTimeline } from "./stream_timeline.ts";

const NTP_MS = 1_600_000_000_000;
const NOW_MS = 1_790_000_000_000;
const START = 2 ** 32 + 1000;

/** A stream at 48 kHz whose frames come `lagMs` after they were made, every 20 ms from `fromMs` on. */
function play(
  timeline: StreamTimeline,
  fromMs: number,
  toMs: number,
  lagMs: (atMs: number) => number,
): number[] {
  const walls: number[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += 20) {
    timeline.arrived(START + atMs * 48, NOW_MS + atMs + lagMs(atMs));
    walls.push(timeline.wallMs(START + atMs * 48) - NOW_MS - atMs);
  }
  return walls;
}

const stampAt = (atMs: number) => (START + atMs * 48) % 2 ** 32;

describe("without reports", () => {
  test("the earliest arrival counts while nothing is in use", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    for (const [atMs, lagMs] of [[0, 90], [20, 40], [40, 10], [60, 70]]) {
      timeline.arrived(START + atMs * 48, NOW_MS + atMs + lagMs);
    }
    expect(timeline.wallMs(START) - NOW_MS).toBeCloseTo(10, 0);
    expect(timeline.isReported).toBe(false);
  });

  test("times in use move gently, whatever the jitter", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    const walls = play(timeline, 0, 4000, (atMs) => (atMs * 7) % 80);
    for (const [index, wall] of walls.entries()) {
      if (index > 0) expect(Math.abs(wall - walls[index - 1])).toBeLessThan(0.5);
    }
  });

  test("a jump of the time stamps begins anew at the arrival", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    play(timeline, 0, 1000, () => 5);
    timeline.arrived(START + 900_000 * 48, NOW_MS + 1100);
    expect(timeline.wallMs(START + 900_000 * 48)).toBeCloseTo(NOW_MS + 1100, 0);
  });
});

test.each([false, true])(
  "a stream that was held up and comes in one go keeps its times (with reports: %s)",
  (isReported) => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    if (isReported) timeline.report(NTP_MS, stampAt(0));
    const walls = [
      ...play(timeline, 0, 1000, (atMs) => 3005 - Math.min(3000, atMs * 3)),
      ...play(timeline, 1000, 6000, (atMs) => 5 + Math.max(0, 5000 - (atMs - 1000))),
    ];
    for (const [index, wall] of walls.entries()) {
      if (index > 0) {
        expect(Math.abs(wall - walls[index - 1])).toBeLessThan(12);
      }
    }
    expect(Math.abs(walls.at(-1)! - walls[0])).toBeLessThan(40);
  },
);

test("without reports a stream that stood still and goes on where it was is moved to when it comes", () => {
  const timeline = new StreamTimeline(48_000, new SenderClocks());
  play(timeline, 0, 1000, () => 5);
  const walls = play(timeline, 1000, 9000, () => 20_005);
  expect(Math.abs(walls[0] - 5)).toBeLessThan(15);
  expect(Math.abs(walls.at(-1)! - 20_005)).toBeLessThan(30);
});

test("two streams of one clock meet on it though one of them began three seconds late on its way", () => {
  const clocks = new SenderClocks();
  const [late, early] = [new StreamTimeline(48_000, clocks), new StreamTimeline(48_000, clocks)];
  for (const timeline of [late, early]) timeline.report(NTP_MS, stampAt(0));
  play(late, 0, 1000, () => 3005);
  play(early, 0, 1000, () => 5);
  expect(late.wallMs(START)).toBeCloseTo(early.wallMs(START), 1);
});

describe("with reports", () => {
  test("two streams of one sender meet on its clock, however late one of them comes", () => {
    const clocks = new SenderClocks();
    const [early, late] = [new StreamTimeline(48_000, clocks), new StreamTimeline(48_000, clocks)];
    early.report(NTP_MS, stampAt(0));
    late.report(NTP_MS, stampAt(0));
    play(early, 0, 1000, () => 5);
    play(late, 0, 1000, () => 305);
    expect(late.wallMs(START)).toBeCloseTo(early.wallMs(START), 3);
  });

  test("the first report moves nothing of a lone stream", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    const [before] = play(timeline, 0, 20, () => 33);
    timeline.report(NTP_MS, stampAt(0));
    const [after] = play(timeline, 20, 40, () => 33);
    expect(after).toBeCloseTo(before, 1);
    expect(timeline.isReported).toBe(true);
  });

  test("a clock that gains is corrected by each report", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    for (let second = 0; second <= 600; second++) {
      const stamp = START + second * 48_000 * 1.0002;
      timeline.report(NTP_MS + second * 1000, Math.round(stamp) % 2 ** 32);
      timeline.arrived(stamp, NOW_MS + second * 1000 + 20);
      expect(Math.abs(timeline.wallMs(stamp) - NOW_MS - second * 1000 - 20)).toBeLessThan(2);
    }
  });

  test("reports that were written some milliseconds late do not shake the times", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    const lag = [0, 6, -5, 8, -7, 3, -4, 7];
    timeline.report(NTP_MS, stampAt(0));
    const walls = lag.flatMap((ms, second) => {
      timeline.report(NTP_MS + second * 1000 + ms, stampAt(second * 1000));
      return play(timeline, second * 1000, (second + 1) * 1000, () => 20);
    });
    for (const wall of walls) expect(Math.abs(wall - 20)).toBeLessThan(2.5);
  });

  test("a report that puts the clock back by more than a frame changes no order, and is made up for soon", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    timeline.report(NTP_MS, stampAt(0));
    const before = play(timeline, 0, 1000, () => 20);
    timeline.report(NTP_MS + 1000 - 75, stampAt(1000));
    const after = play(timeline, 1000, 2000, () => 20);
    const times = [...before, ...after].map((wall, index) => wall + 20 * index);
    for (const [index, time] of times.entries()) {
      if (index > 0) expect(time - times[index - 1]).toBeGreaterThan(9);
    }
    expect(after[10]).toBeCloseTo(before[0] - 75, 0);
  });

  test("a sender whose wall clock is set, and another sender, do not move the recording", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    timeline.report(NTP_MS, stampAt(0));
    play(timeline, 0, 1000, () => 5);
    timeline.report(NTP_MS + 3_600_000, stampAt(1000));
    const walls = play(timeline, 1000, 2000, () => 5);
    for (const wall of walls) expect(Math.abs(wall - 5)).toBeLessThan(2);
  });

  test("time stamps that jump are of a new beginning, until the next report by their arrival", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    timeline.report(NTP_MS, stampAt(0));
    play(timeline, 0, 1000, () => 5);
    for (const atMs of [500_000, 100]) {
      timeline.arrived(START + atMs * 48, NOW_MS + 1100);
      expect(timeline.wallMs(START + atMs * 48)).toBeCloseTo(NOW_MS + 1100, 0);
      expect(timeline.isReported).toBe(false);
    }
  });

  test("a report that knows no wall time is none", () => {
    const timeline = new StreamTimeline(48_000, new SenderClocks());
    timeline.report(-2_208_988_800_000, stampAt(0));
    expect(timeline.isReported).toBe(false);
  });
});
