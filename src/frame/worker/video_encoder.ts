import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, type Frame, Packet, Rational } from "node-av/lib";
import type { StreamFormat } from "../types.ts";
import { videoEncoders } from "./video_encoder_table.ts";

export interface VideoEncoderOptions {
  format: StreamFormat;
  width: number;
  height: number;
  /** Pictures per second, as measured; rate control needs it. */
  fps: number;
  bitrateBps: number;
}

const CLOCK = new Rational(1, 90_000);
/** Keyframes come when they are asked for; this is for those who never ask. */
const KEYFRAME_PERIOD_SECONDS = 10;

/** One open encoder for pictures of one size, planar YUV 4:2:0. */
export class VideoEncoder {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  readonly #takesBitrate: boolean;
  #bitrateBps: number;
  /** Extended time stamp of the first picture: encoders count from 0. */
  #startsAt: number | null = null;

  /** Throws where FFmpeg cannot open the encoder. */
  constructor(options: VideoEncoderOptions) {
    const { format, width, height, fps, bitrateBps } = options;
    const choice = videoEncoders[format.codec];
    const codec = Codec.findEncoderByName(choice.name);
    if (!codec) throw new Error(`Cannot encode ${format.codec}: this FFmpeg has no ${choice.name}`);
    this.width = width;
    this.height = height;
    this.fps = fps;
    this.#bitrateBps = bitrateBps;
    this.#takesBitrate = choice.takesBitrate;
    this.#packet.alloc();
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    this.#configure(choice.threads);
    const settings = choice.options(format.format.split("/")[2] ?? "");
    for (const [name, value] of Object.entries(settings)) this.#context.setOption(name, value);
    const opened = this.#context.open2Sync(codec, null);
    if (opened < 0) this.close();
    FFmpegError.throwIfError(opened, `open ${choice.name}`);
  }

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** False when the encoder must be opened anew to have it. */
  setBitrate(bitrateBps: number): boolean {
    // A keyframe is the price of opening anew: not for a few percent.
    if (!this.#takesBitrate) return Math.abs(bitrateBps / this.#bitrateBps - 1) < 0.1;
    this.#bitrateBps = bitrateBps;
    this.#configureRate();
    return true;
  }

  /** Encodes one picture; its time stamp must lie after the last one's. Hands on what comes out. */
  async encode(
    picture: Frame,
    timestamp: number,
    asKeyframe: boolean,
    take: (bytes: Uint8Array, timestamp: number, isKeyframe: boolean) => void,
  ): Promise<void> {
    this.#startsAt ??= timestamp;
    picture.pts = BigInt(timestamp - this.#startsAt);
    picture.duration = BigInt(Math.round(90_000 / this.fps));
    picture.timeBase = CLOCK;
    picture.pictType = asKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    FFmpegError.throwIfError(await this.#context.sendFrame(picture), "encode a picture");
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      if (this.#packet.data) {
        const at = Number(this.#packet.pts) + this.#startsAt;
        take(new Uint8Array(this.#packet.data), at, this.#packet.isKeyframe);
      }
      this.#packet.unref();
    }
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #configure(threads: number): void {
    const context = this.#context;
    context.width = this.width;
    context.height = this.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = CLOCK;
    context.framerate = new Rational(Math.round(this.fps * 1000), 1000);
    context.gopSize = Math.max(1, Math.round(this.fps * KEYFRAME_PERIOD_SECONDS));
    context.maxBFrames = 0;
    context.threadCount = threads;
    context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    this.#configureRate();
  }

  /** A buffer of half a second keeps keyframes from filling the path of a viewer. */
  #configureRate(): void {
    this.#context.bitRate = BigInt(this.#bitrateBps);
    this.#context.rcMaxRate = BigInt(this.#bitrateBps);
    this.#context.rcBufferSize = Math.round(this.#bitrateBps / 2);
  }
}
