import { Buffer } from "node:buffer";
import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBOPUS,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from "node-av/lib";
import { opusHead } from "./track_parameters.ts";

export const FILE_AUDIO_RATE = 48_000;
export const FILE_AUDIO_CHANNELS = 2;

const encoders = {
  AAC: { name: FF_ENCODER_AAC, format: AV_SAMPLE_FMT_FLTP, frameSamples: 1024, bitrateBps: 128_000 },
  OPUS: { name: FF_ENCODER_LIBOPUS, format: AV_SAMPLE_FMT_S16, frameSamples: 960, bitrateBps: 64_000 },
};

/** One open audio encoder of a file: interleaved stereo of 16 bits at 48 kHz in. */
export class FileAudioEncoder {
  readonly frameSamples: number;
  /** What muxers need of the stream. */
  readonly extradata: Uint8Array;
  readonly #isPlanar: boolean;
  readonly #context = new CodecContext();
  readonly #packet = new Packet();

  constructor(codecName: "AAC" | "OPUS") {
    const { name, format, frameSamples, bitrateBps } = encoders[codecName];
    const codec = Codec.findEncoderByName(name);
    if (!codec) throw new Error(`Cannot encode ${codecName}: this FFmpeg has no ${name}`);
    this.frameSamples = frameSamples;
    this.#isPlanar = format === AV_SAMPLE_FMT_FLTP;
    this.#context.allocContext3(codec);
    this.#context.sampleRate = FILE_AUDIO_RATE;
    this.#context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    this.#context.sampleFormat = format;
    this.#context.timeBase = new Rational(1, FILE_AUDIO_RATE);
    this.#context.bitRate = BigInt(bitrateBps);
    this.#context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    FFmpegError.throwIfError(this.#context.open2Sync(codec, null), `open ${name}`);
    this.extradata = codecName === "OPUS"
      ? opusHead(FILE_AUDIO_CHANNELS, FILE_AUDIO_RATE)
      : new Uint8Array(this.#context.extraData ?? []);
    this.#packet.alloc();
  }

  /** Encodes `frameSamples` samples that begin at `position`; what comes out has the position that it sounds from. */
  encode(samples: Int16Array, position: number, take: (bytes: Uint8Array, position: number) => void): void {
    using frame = Frame.fromAudioBuffer(this.#isPlanar ? planes(samples) : bytesOf(samples), {
      nbSamples: this.frameSamples,
      format: this.#isPlanar ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16,
      sampleRate: FILE_AUDIO_RATE,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase: new Rational(1, FILE_AUDIO_RATE),
      pts: BigInt(position),
    });
    this.#send(frame, take);
  }

  /** Hands on what the encoder still holds; nothing can be encoded after it. */
  drain(take: (bytes: Uint8Array, position: number) => void): void {
    this.#send(null, take);
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #send(frame: Frame | null, take: (bytes: Uint8Array, position: number) => void): void {
    FFmpegError.throwIfError(this.#context.sendFrameSync(frame), "encode audio");
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      if (this.#packet.data) take(new Uint8Array(this.#packet.data), Number(this.#packet.pts));
      this.#packet.unref();
    }
  }
}

function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Interleaved samples of 16 bits as one plane of floats per channel. */
function planes(samples: Int16Array): Buffer {
  const count = samples.length / FILE_AUDIO_CHANNELS;
  const floats = new Float32Array(samples.length);
  for (let at = 0; at < count; at++) {
    floats[at] = samples[2 * at] / 32_768;
    floats[count + at] = samples[2 * at + 1] / 32_768;
  }
  return Buffer.from(floats.buffer);
}
