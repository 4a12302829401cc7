import { afterEach, expect, test } from "vitest";
import { FittingEncoder } from "./fitting_encoder.ts";
import { FrameRate } from "./frame_rate.ts";
import { Hardware } from "./hardware.ts";
import { OwnThread } from "./own_thread.ts";

const context = { hardware: new Hardware(false), ownThread: new OwnThread() };
const size = { width: 320, height: 192 };
const encoder = new FittingEncoder({ codec: "H264", format: "H264/1/42e0" }, context);
afterEach(() => encoder.close());

/** The rate of so many pictures that come so far apart. */
function rateOf(distanceMs: number): FrameRate {
  const rate = new FrameRate();
  for (let index = 0; index < 40; index++) rate.add(index * distanceMs * 90);
  return rate;
}

test("an encoder stays open for the next picture, and takes another bitrate", () => {
  expect(encoder.bitrateBps).toBeNull();
  const open = encoder.fitting(size, rateOf(33), 500_000);
  expect(encoder.fitting({ ...size }, rateOf(40), 300_000)).toBe(open);
  expect(encoder.bitrateBps).toBe(300_000);
});

test("for another size, and for a rate far from what it was told, another is opened", () => {
  const first = encoder.fitting(size, rateOf(33), 500_000);
  const larger = encoder.fitting({ width: 640, height: 384 }, rateOf(33), 500_000);
  expect(larger).not.toBe(first);
  const slower = encoder.fitting({ width: 640, height: 384 }, rateOf(80), 500_000);
  expect(slower).not.toBe(larger);
  expect(slower.fps).toBeCloseTo(12.5);
  const slowest = encoder.fitting({ width: 640, height: 384 }, rateOf(1000), 500_000);
  expect(slowest.fps).toBe(10);
  expect(encoder.fitting({ width: 640, height: 384 }, rateOf(500), 500_000)).toBe(slowest);
});

test.each([["H265", "H265/1/0"], ["AV1", "AV1/0"]])(
  "for %s, whose encoder cannot follow the rate of pictures, a fifth is far",
  (codec, format) => {
    using fixed = new DisposableStack();
    const other = fixed.adopt(new FittingEncoder({ codec, format }, context), (each) => each.close());
    const first = other.fitting(size, rateOf(1000 / 30), 500_000);
    expect(other.fitting(size, rateOf(1000 / 27), 500_000)).toBe(first);
    expect(other.fitting(size, rateOf(1000 / 21), 500_000).fps).toBeCloseTo(21);
    expect(other.fitting(size, rateOf(1000 / 42), 500_000).fps).toBeCloseTo(42);
  },
);

test("one that is closed is opened anew", () => {
  const first = encoder.fitting(size, rateOf(33), 500_000);
  encoder.close();
  expect(encoder.bitrateBps).toBeNull();
  expect(encoder.fitting(size, rateOf(33), 500_000)).not.toBe(first);
});
