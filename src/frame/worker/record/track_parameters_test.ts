import { expect, test } from "vitest";
import { type EncodableCodec, encodeVideoClip } from "../../../../test/kit/ffmpeg.ts";
import {
  lacksParameters,
  opusDurationMs,
  opusHead,
  parameterMark,
  videoExtradata,
} from "./track_parameters.ts";

const clip = (codec: EncodableCodec, width: number) =>
  encodeVideoClip({
    width,
    height: 96,
    fps: 10,
    frameCount: 3,
    keyframeInterval: 2,
    bitrateBps: 200_000,
    codec,
  });

test.each(["VP8", "VP9", "H264", "H265", "AV1"] as const)(
  "%s: keyframes of one size have one mark, of another size another",
  (codec) => {
    const [first, delta, second] = clip(codec, 192);
    const [other] = clip(codec, 256);
    expect([first.keyframe, delta.keyframe, second.keyframe]).toEqual([true, false, true]);
    expect(parameterMark(codec, first.bytes)).toBe(parameterMark(codec, second.bytes));
    expect(parameterMark(codec, other.bytes)).not.toBe(parameterMark(codec, first.bytes));
  },
);

test("parameter sets are found in keyframes that have them", () => {
  for (const codec of ["H264", "H265", "AV1"] as const) {
    const [key, delta] = clip(codec, 192);
    expect(videoExtradata(codec, key.bytes).length).toBeGreaterThan(8);
    expect(videoExtradata(codec, delta.bytes).length).toBe(0);
    expect(lacksParameters(codec, key.bytes)).toBe(false);
    expect(lacksParameters(codec, delta.bytes)).toBe(codec !== "AV1");
  }
  expect(videoExtradata("VP8", clip("VP8", 192)[0].bytes).length).toBe(0);
});

test("damaged frames are read without harm", () => {
  for (const codec of ["VP8", "VP9", "H264", "H265", "AV1"]) {
    for (const bytes of [[], [0], [0, 0, 1], [255, 255, 255, 255, 255, 255], [0x0a, 0x80, 0x80]]) {
      parameterMark(codec, Uint8Array.from(bytes));
    }
  }
});

test("the duration of an Opus packet is told by its first bytes", () => {
  const durations = [[0x78], [0xf8], [0x1b, 3], [0x80], [0x79, 0], [0x60]].map((bytes) =>
    opusDurationMs(Uint8Array.from(bytes))
  );
  expect(durations).toEqual([20, 20, 180, 2.5, 40, 10]);
  expect([...opusHead(2, 48_000)].slice(8)).toEqual([1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
});
