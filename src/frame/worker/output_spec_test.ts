import { expect, test } from "vitest";
import { codecOf, mediaOf, readMaxFps, readOutputSpec } from "./output_spec.ts";
import { videoBitrate } from "./video_bitrate.ts";

const none = { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null };

test("an output is what the caller says, zero meaning no limit", () => {
  const format = { codec: "H264", format: "H264/1/42e0" };
  expect(readOutputSpec({ ssrc: 7, format, bitrateBps: 5e5, maxBitrateBps: 0 }, "video")).toEqual({
    ssrc: 7,
    format,
    bitrate: { bitrateBps: 500_000, minBitrateBps: null, maxBitrateBps: null },
  });
});

test.each([
  [
    { ssrc: 1, format: { codec: "OPUS", format: "OPUS" } },
    'codec "OPUS" vs one of VP8, VP9, H264, H265, AV1',
  ],
  [{ ssrc: 1, format: { codec: "constructor" } }, 'codec "constructor"'],
  [{ ssrc: 1 }, 'codec ""'],
  [{ ssrc: 0, format: { codec: "VP8" } }, "SSRC 0"],
  [{ format: { codec: "VP8" } }, "SSRC undefined"],
])("%j is refused", (input, message) => {
  expect(() => readOutputSpec(input, "video")).toThrow(message);
});

test("a payload type names a codec of its own kind only", () => {
  expect([codecOf(96, "video"), codecOf(96, "audio"), codecOf(0, "audio"), codecOf(77, "video")])
    .toEqual(["VP8", null, "PCMU", null]);
  expect([mediaOf("AV1"), mediaOf("OPUS"), mediaOf("toString")]).toEqual(["video", "audio", null]);
});

test("a rate of pictures may be broken, and what is none is no bound", () => {
  expect(readMaxFps({ maxFps: 30_000 / 1001 })).toBeCloseTo(29.97);
  const odd = [0, -1, Infinity, NaN, "30", null, undefined];
  expect(odd.map((maxFps) => readMaxFps({ maxFps }))).toEqual(odd.map(() => null));
});

test("bitrates follow the size, then the wish, then the limits", () => {
  expect(videoBitrate(1280, 720, none)).toBe(2_000_000);
  expect(videoBitrate(320, 240, none)).toBeGreaterThan(250_000);
  expect(videoBitrate(320, 240, none)).toBeLessThan(400_000);
  expect(videoBitrate(1280, 720, { ...none, bitrateBps: 700_000 })).toBe(700_000);
  expect(videoBitrate(1280, 720, { ...none, bitrateBps: 700_000, maxBitrateBps: 300_000 })).toBe(300_000);
  expect(videoBitrate(160, 120, { ...none, minBitrateBps: 900_000, maxBitrateBps: 300_000 })).toBe(900_000);
});
