import { Buffer } from "node:buffer";
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  FF_ENCODER_LIBOPUS,
  FF_ENCODER_PCM_ALAW,
  FF_ENCODER_PCM_MULAW,
  type FFAudioEncoder,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from "node-av/lib";
import { programPayloads } from "../types.ts";

const FRAME_SECONDS = 0.02;
const OPUS_BITRATE_BPS = 64_000;

const names: Readonly<Record<string, FFAudioEncoder>> = {
  OPUS: FF_ENCODER_LIBOPUS,
  PCMU: FF_ENCODER_PCM_MULAW,
  PCMA: FF_ENCODER_PCM_ALAW,
};

/** One open audio encoder for frames of 20 ms of interleaved S16. */
export class AudioEncoder {
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel of one frame. */
  readonly frameSamples: number;
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  #position = 0;

  /** `bitrateBps` null for the usual; G.711 has one bitrate only. */
  constructor(codecName: string, bitrateBps: number | null) {
    const codec = Codec.findEncoderByName(names[codecName]);
    if (!codec) throw new Error(`Cannot encode ${codecName}: this FFmpeg has no ${names[codecName]}`);
    const { clockRate, channels } = programPayloads[codecName];
    this.sampleRate = clockRate;
    this.channels = channels;
    this.frameSamples = clockRate * FRAME_SECONDS;
    this.#context.allocContext3(codec);
    this.#context.sampleRate = clockRate;
    this.#context.channelLayout = this.#layout;
    this.#context.sampleFormat = AV_SAMPLE_FMT_S16;
    this.#context.timeBase = new Rational(1, clockRate);
    if (codecName === "OPUS") this.#context.bitRate = BigInt(bitrateBps ?? OPUS_BITRATE_BPS);
    FFmpegError.throwIfError(this.#context.open2Sync(codec, null), `open ${names[codecName]}`);
    this.#packet.alloc();
  }

  /** Encodes `frameSamples` samples per channel; one frame in gives one frame out. */
  encode(samples: Int16Array, take: (bytes: Uint8Array) => void): void {
    using frame = Frame.fromAudioBuffer(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength), {
      nbSamples: this.frameSamples,
      format: AV_SAMPLE_FMT_S16,
      sampleRate: this.sampleRate,
      channelLayout: this.#layout,
      timeBase: new Rational(1, this.sampleRate),
      pts: BigInt(this.#position),
    });
    this.#position += this.frameSamples;
    FFmpegError.throwIfError(this.#context.sendFrameSync(frame), "encode audio");
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      if (this.#packet.data) take(new Uint8Array(this.#packet.data));
      this.#packet.unref();
    }
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  get #layout() {
    return this.channels === 2 ? AV_CHANNEL_LAYOUT_STEREO : AV_CHANNEL_LAYOUT_MONO;
  }
}
