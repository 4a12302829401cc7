import { expect, test } from "vitest";
import { SourcePad } from "./source_pad.ts";

const pad = (media: "audio" | "video", properties: Record<string, unknown>) =>
  new SourcePad("e", media, 1, () => properties);

test("limits that nobody has set, or that say nothing, leave the rate to the picture", () => {
  const nothing = { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null };
  const noVideo = { ...nothing, maxFps: null };
  expect(pad("video", {}).encoding).toEqual(noVideo);
  expect(pad("video", { minEncoderBitrate: 0, maxEncoderBitrate: 2_147_483_647 }).encoding).toEqual(noVideo);
  const framerate = { numerator: 0, denominator: 1 };
  expect(pad("video", { videoFormat: { codec: "VP8", framerate } }).encoding).toEqual(noVideo);
  expect(pad("audio", { encoderBitrate: 5 }).encoding).toEqual(nothing);
});

test("limits that were set are the encoder's", () => {
  const set = { encoderBitrate: 500_000, minEncoderBitrate: 100_000, maxEncoderBitrate: 800_000 };
  expect(pad("video", set).encoding).toEqual({
    bitrateBps: 500_000,
    minBitrateBps: 100_000,
    maxBitrateBps: 800_000,
    maxFps: null,
  });
  const framerate = { numerator: 15, denominator: 2 };
  expect(pad("video", { videoFormat: { codec: "VP8", framerate } }).encoding.maxFps).toBe(7.5);
  expect(pad("audio", { audioFormat: { codec: "OPUS", bitrate: 24_000 } }).encoding.bitrateBps).toBe(24_000);
});

test("the only format is that of its own kind", () => {
  const properties = { audioFormat: { codec: "PCMU", bitrate: 0 }, videoFormat: { codec: "H264" } };
  expect(pad("video", properties).wantedCodec).toBe("H264");
  expect(pad("audio", properties).wantedCodec).toBe("PCMU");
  expect(pad("video", { videoFormat: null }).wantedCodec).toBeNull();
});
