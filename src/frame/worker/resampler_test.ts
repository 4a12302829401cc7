import { Buffer } from "node:buffer";
import { AV_CHANNEL_LAYOUT_MONO, AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_S16 } from "node-av/constants";
import { Frame } from "node-av/lib";
import { afterEach, expect, test } from "vitest";
import { Resampler } from "./resampler.ts";

let resampler: Resampler;
afterEach(() => resampler.close());

/** 20 ms of a tone of this amplitude in each channel. */
function tone(amplitudes: number[], sampleRate: number): Frame {
  const nbSamples = sampleRate / 50;
  const samples = Int16Array.from(
    { length: nbSamples * amplitudes.length },
    (_, index) =>
      amplitudes[index % amplitudes.length] *
      Math.sin(2 * Math.PI * 400 * Math.floor(index / amplitudes.length) / sampleRate),
  );
  return Frame.fromAudioBuffer(Buffer.from(samples.buffer), {
    nbSamples,
    format: AV_SAMPLE_FMT_S16,
    sampleRate,
    channelLayout: amplitudes.length === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO,
    timeBase: { num: 1, den: sampleRate },
  });
}

/** The largest of each channel, after the first sound of the filter. */
function loudest(samples: Int16Array, channels: number): number[] {
  return Array.from(
    { length: channels },
    (_, channel) => Math.max(...samples.filter((_, index) => index % channels === channel)),
  );
}

function converted(amplitudes: number[], fromRate: number, rate: number, channels: number): number[] {
  resampler = new Resampler(rate, channels);
  const frames = [1, 2, 3].map(() => resampler.convert(tone(amplitudes, fromRate)));
  return loudest(frames[2], channels);
}

test("one channel becomes two as loud as it was", () => {
  for (const level of converted([8000], 8000, 48_000, 2)) expect(Math.abs(level - 8000)).toBeLessThan(100);
  for (const level of converted([8000], 48_000, 48_000, 2)) expect(Math.abs(level - 8000)).toBeLessThan(10);
});

test("two channels stay what they are, and become their mean in one", () => {
  expect(converted([8000, 2000], 48_000, 48_000, 2).map((level) => Math.round(level / 100))).toEqual([
    80,
    20,
  ]);
  expect(Math.abs(converted([8000, 2000], 48_000, 8000, 1)[0] - 5000)).toBeLessThan(100);
});
