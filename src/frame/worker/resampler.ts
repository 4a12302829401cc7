import { Buffer } from "node:buffer";
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  type AVSampleFormat,
} from "node-av/constants";
import { FFmpegError, type Frame, SoftwareResampleContext } from "node-av/lib";

/**
 * Samples of any rate, layout and format to interleaved S16 of one rate and one or two channels. One channel becomes two
 * that are the same: FFmpeg would make each of them 3 dB quieter.
 */
export class Resampler {
  readonly sampleRate: number;
  readonly channels: number;
  #context: SoftwareResampleContext | null = null;
  /** What the context is made for. */
  #from = "";

  constructor(sampleRate: number, channels: number) {
    this.sampleRate = sampleRate;
    this.channels = channels;
  }

  convert(samples: Frame): Int16Array {
    const channels = Math.min(this.channels, samples.channels);
    const context = this.#contextFor(samples, channels);
    const room = context.getOutSamples(samples.nbSamples);
    const out = Buffer.alloc(Math.max(1, room) * channels * 2);
    const count = context.convertSync([out], room, samples.extendedData, samples.nbSamples);
    FFmpegError.throwIfError(count, "resample");
    const made = new Int16Array(out.buffer.slice(out.byteOffset, out.byteOffset + count * channels * 2));
    return channels < this.channels ? doubled(made) : made;
  }

  close(): void {
    this.#context?.free();
    this.#context = null;
  }

  #contextFor(samples: Frame, made: number): SoftwareResampleContext {
    const { sampleRate, channelLayout, format, channels } = samples;
    const from = `${sampleRate}:${channels}:${format}`;
    if (this.#context && this.#from === from) return this.#context;
    this.close();
    const context = new SoftwareResampleContext();
    const layout = made === 2 ? AV_CHANNEL_LAYOUT_STEREO : AV_CHANNEL_LAYOUT_MONO;
    const set = context.allocSetOpts2(
      layout,
      AV_SAMPLE_FMT_S16,
      this.sampleRate,
      channelLayout,
      format as AVSampleFormat,
      sampleRate,
    );
    FFmpegError.throwIfError(set, "set up the resampler");
    FFmpegError.throwIfError(context.init(), "open the resampler");
    this.#from = from;
    this.#context = context;
    return context;
  }
}

/** Each sample twice. */
function doubled(samples: Int16Array<ArrayBuffer>): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: samples.length * 2 }, (_, index) => samples[index >> 1]);
}
