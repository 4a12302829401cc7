import { expect } from "vitest";
import { drawFrame, psnr, readFrameCounter } from "../kit/clip.ts";
import { type DecodableCodec, decodeAudioEnergy, decodeVideo } from "../kit/ffmpeg.ts";
import type { RtpCollector } from "../kit/rtp_collector.ts";

/** What a decoder makes of a received stream of the test clip. */
export interface ReceivedClip {
  /** The number burnt into each decoded picture, in the order of decoding; null where it could not be read. */
  counters: (number | null)[];
  /** The worst PSNR of all pictures against the one that was drawn, in dB. */
  worstPsnr: number;
  /** Energy of each decoded Opus frame. */
  audioEnergies: number[];
}

/** Decodes everything that came and compares it with the clip drawn anew. */
export function decodeClip(
  video: RtpCollector,
  audio: RtpCollector,
  codec: DecodableCodec = "H264",
): ReceivedClip {
  const pictures = decodeVideo(video.accessUnits().map((unit) => unit.bytes), codec);
  const counters = pictures.map((picture) => readFrameCounter(picture.pixels, picture));
  const quality = pictures.flatMap((picture, i) => {
    const counter = counters[i];
    return counter === null ? [] : [psnr(picture.pixels, drawFrame(picture, counter), picture)];
  });
  return {
    counters,
    worstPsnr: Math.min(...quality),
    audioEnergies: decodeAudioEnergy(audio.accessUnits().map((unit) => unit.bytes)),
  };
}

/** Every picture from the first received one to the last, one after the other, and none of them damaged. */
export function expectWhole(clip: ReceivedClip): void {
  const first = clip.counters[0]!;
  expect(clip.counters).toEqual(clip.counters.map((_, i) => first + i));
  expect(clip.worstPsnr).toBeGreaterThan(30);
  // The first frames of a fresh Opus decoder fade in.
  const energies = clip.audioEnergies.slice(3, -2);
  expect(Math.min(...energies)).toBeGreaterThan(10);
}
