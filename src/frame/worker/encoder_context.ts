import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
} from "node-av/constants";
import {
  Codec,
  CodecContext,
  FFmpegError,
  type Frame,
  type HardwareDeviceContext,
  Packet,
  Rational,
} from "node-av/lib";
import type { StreamFormat } from "../types.ts";
import { FrameRate } from "./frame_rate.ts";
import { PictureLoader } from "./picture_loader.ts";
import type { EncoderChoice } from "./video_encoder_table.ts";

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
/** Pictures may come by so much faster or slower before an encoder that counts them is told. */
const RATE_TOLERANCE = 0.05;

/** One open encoder of FFmpeg for pictures of one size, planar YUV 4:2:0. */
export class EncoderContext {
  readonly choice: EncoderChoice;
  readonly #options: VideoEncoderOptions;
  #loader: PictureLoader | null = null;
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  readonly #rate = new FrameRate();
  #bitrateBps: number;
  /** The encoder is told the bitrate times this, as pictures come at another rate than it believes. */
  #factor = 1;
  #isClosed = false;
  /** Extended time stamp of the first picture: encoders count from 0. */
  #startsAt: number | null = null;
  /** For encoders that are told even times: of pictures in work, what they were told and what it is. */
  readonly #timestamps = new Map<number, number>();
  /** Of the last picture. */
  #last: { timestamp: number; told: number } | null = null;

  /** Throws where FFmpeg cannot open the encoder. `device`: where the choice wants one. */
  constructor(options: VideoEncoderOptions, choice: EncoderChoice, device: HardwareDeviceContext | null) {
    const codec = Codec.findEncoderByName(choice.name);
    if (!codec) throw new Error(`Cannot encode ${options.format.codec}: this FFmpeg has no ${choice.name}`);
    this.choice = choice;
    this.#options = options;
    this.#bitrateBps = options.bitrateBps;
    this.#packet.alloc();
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    try {
      this.#loader = choice.pixelFormat === undefined
        ? null
        : new PictureLoader(options, choice.pixelFormat, device);
      this.#configure(choice.threads);
      const settings = choice.options(options.format.format.split("/")[2] ?? "");
      for (const [name, value] of Object.entries(settings)) this.#context.setOption(name, value);
      FFmpegError.throwIfError(this.#context.open2Sync(codec, null), `open ${choice.name}`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** False when the encoder must be opened anew to have it. */
  setBitrate(bitrateBps: number): boolean {
    // A keyframe is the price of opening anew: not for a few percent.
    if (!this.choice.takesBitrate) return Math.abs(bitrateBps / this.#bitrateBps - 1) < 0.1;
    this.#bitrateBps = bitrateBps;
    this.#configureRate();
    return true;
  }

  /**
   * Encodes one picture; its time stamp must lie after the last one's. Hands on what comes out, valid during
   * the call only. `isHere`: on the thread of the caller, not on one of the pool.
   */
  async encode(
    picture: Frame,
    timestamp: number,
    asKeyframe: boolean,
    isHere: boolean,
    take: (bytes: Uint8Array, timestamp: number, isKeyframe: boolean) => void,
  ): Promise<void> {
    const startsAt = this.#startsAt ??= timestamp;
    this.#rate.add(timestamp);
    if (this.choice.countsPictures) this.#followRate();
    const told = this.choice.wantsEvenTimes ? this.#evenTime(timestamp) : timestamp - startsAt;
    const loaded = this.#loader ? await this.#loader.load(picture) : picture;
    try {
      loaded.pts = BigInt(told);
      loaded.duration = BigInt(Math.round(90_000 / this.#options.fps));
      loaded.timeBase = CLOCK;
      loaded.pictType = asKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      const result = isHere ? this.#context.sendFrameSync(loaded) : await this.#context.sendFrame(loaded);
      FFmpegError.throwIfError(result, "encode a picture");
    } finally {
      if (loaded !== picture) loaded.free();
    }
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const bytes = this.#packet.data;
      const pts = Number(this.#packet.pts);
      if (bytes) take(bytes, this.#timestamps.get(pts) ?? pts + startsAt, this.#packet.isKeyframe);
      for (const done of this.#timestamps.keys()) if (done <= pts) this.#timestamps.delete(done);
      this.#packet.unref();
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#packet.free();
    this.#context.freeContext();
    this.#loader?.close();
  }

  #configure(threads: number): void {
    const context = this.#context;
    const { width, height, fps } = this.#options;
    context.width = width;
    context.height = height;
    context.pixelFormat = this.choice.pixelFormat ?? AV_PIX_FMT_YUV420P;
    if (this.#loader?.frames) context.hwFramesCtx = this.#loader.frames;
    context.timeBase = CLOCK;
    context.framerate = new Rational(Math.round(fps * 1000), 1000);
    context.gopSize = Math.max(1, Math.round(fps * KEYFRAME_PERIOD_SECONDS));
    context.maxBFrames = 0;
    context.threadCount = threads;
    context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    this.#configureRate();
  }

  /** A time stamp that lies as far behind the last one as pictures do on the whole. */
  #evenTime(timestamp: number): number {
    const fps = this.#rate.momentaryFps;
    const last = this.#last ?? { timestamp, told: 0 };
    const told = last.told + (fps === null ? timestamp - last.timestamp : Math.round(90_000 / fps));
    this.#last = { timestamp, told };
    this.#timestamps.set(told, timestamp);
    return told;
  }

  /** What is spent in a second stays the same: pictures that come late have more, those that come fast have less. */
  #followRate(): void {
    const factor = this.#options.fps / (this.#rate.momentaryFps ?? this.#options.fps);
    if (Math.abs(factor / this.#factor - 1) < RATE_TOLERANCE) return;
    this.#factor = factor;
    this.#configureRate();
  }

  /**
   * A buffer of half a second keeps keyframes from filling the path of a viewer. All three the same make libvpx hold a
   * constant rate: left to vary, VP8 spends half as much again, for minutes, after pictures that stood still.
   */
  #configureRate(): void {
    const toldBps = BigInt(Math.round(this.#bitrateBps * this.#factor));
    this.#context.bitRate = toldBps;
    this.#context.rcMaxRate = toldBps;
    this.#context.rcMinRate = toldBps;
    this.#context.rcBufferSize = Math.round(this.#bitrateBps / 2);
  }
}
