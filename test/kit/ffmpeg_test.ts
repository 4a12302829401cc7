import { describe, expect, test } from "vitest";
import { drawFrame, psnr, readFrameCounter } from "./clip.ts";
import { decodeAudioEnergy, decodeVideo, encodeAudioClip, encodeVideoClip } from "./ffmpeg.ts";

const size = { width: 640, height: 360 };

describe("the test clip", () => {
  test("says its number in every picture", () => {
    for (const index of [0, 1, 2, 255, 4711, 65535]) {
      expect(readFrameCounter(drawFrame(size, index), size)).toBe(index);
    }
  });

  test("admits that a damaged number cannot be read", () => {
    const picture = drawFrame(size, 1000);
    picture.fill(16, 0, size.width * 20);
    expect(readFrameCounter(picture, size)).toBeNull();
  });

  test("is different from picture to picture", () => {
    expect(psnr(drawFrame(size, 7), drawFrame(size, 7), size)).toBe(Infinity);
    expect(psnr(drawFrame(size, 7), drawFrame(size, 9), size)).toBeLessThan(30);
  });
});

describe("H264 by libx264", () => {
  const clip = encodeVideoClip({
    ...size,
    fps: 25,
    frameCount: 60,
    keyframeInterval: 25,
    bitrateBps: 1_000_000,
  });

  test("has one unit per picture and keyframes where they were asked for", () => {
    expect(clip.length).toBe(60);
    expect(clip.flatMap((unit, i) => unit.keyframe ? [i] : [])).toEqual([0, 25, 50]);
    expect(clip[25].ptsMs).toBeCloseTo(1000);
  });

  test("decodes to the pictures that were drawn", () => {
    const pictures = decodeVideo(clip.map((unit) => unit.bytes), "H264");
    expect(pictures.map((picture) => readFrameCounter(picture.pixels, picture))).toEqual([...clip.keys()]);
    for (const [i, picture] of pictures.entries()) {
      expect(psnr(picture.pixels, drawFrame(size, i), size)).toBeGreaterThan(32);
    }
  });

  test("decodes from a keyframe in the middle, and not to the right pictures from between two", () => {
    const fromKeyframe = decodeVideo(clip.slice(25).map((unit) => unit.bytes), "H264");
    expect(readFrameCounter(fromKeyframe[0].pixels, fromKeyframe[0])).toBe(25);
    const fromBetween = decodeVideo(clip.slice(10).map((unit) => unit.bytes), "H264");
    expect(fromBetween.map((picture) => readFrameCounter(picture.pixels, picture))).not.toContain(12);
  });
});

test("Opus by libopus carries a tone that can be heard", () => {
  const energies = decodeAudioEnergy(encodeAudioClip(50).map((unit) => unit.bytes));
  expect(energies.length).toBeGreaterThanOrEqual(50);
  for (const energy of energies.slice(2, 50)) expect(energy).toBeGreaterThan(10);
});
