import type { Frame } from "node-av/lib";
import type { BitrateWish } from "../../types.ts";
import { FittingEncoder } from "../fitting_encoder.ts";
import { FrameRate } from "../frame_rate.ts";
import type { ProgramContext } from "../program.ts";
import { videoBitrate } from "../video_bitrate.ts";
import { VideoDecoder } from "../video_decoder.ts";
import { PictureFitter, type Size } from "./picture_fitter.ts";
import { PictureTurner } from "./picture_turner.ts";

const TICKS_PER_MS = 90;

/** An encoded frame of the source. */
export interface SourceFrame {
  codec: string;
  bytes: Uint8Array;
  keyframe: boolean;
  /** Clockwise quarter turns until its picture is upright, 0 to 3; 0 for audio. */
  turn: number;
  /** Recording time, ms. */
  atMs: number;
}

/** What video is converted into. */
export interface ConvertedKind {
  codec: string;
  size: Size;
  /** Quarter turns that are left to players. */
  turn: number;
}

/** A frame as the file's codec has it. */
export type ConvertedFrame = (bytes: Uint8Array, atMs: number, keyframe: boolean) => void;

/**
 * Decodes one video stream, of any codec and size, turned in any way, and encodes it as one codec of one size, whose
 * pictures are upright after `turn` quarter turns.
 */
export class VideoConversion {
  readonly size: Size;
  readonly #context: ProgramContext;
  readonly #bitrate: () => BitrateWish;
  readonly #fitter: PictureFitter;
  readonly #turn: number;
  readonly #turner = new PictureTurner();
  readonly #encoder: FittingEncoder;
  readonly #rate = new FrameRate();
  #decoder: VideoDecoder | null = null;
  #decoderCodec = "";
  #keyframeWanted = true;
  #lastTicks = -1;

  /** `bitrate` is asked with each picture. */
  constructor(
    { codec, size, turn }: ConvertedKind,
    context: ProgramContext,
    bitrate: () => BitrateWish,
  ) {
    this.size = size;
    this.#turn = turn;
    this.#context = context;
    this.#bitrate = bitrate;
    this.#encoder = new FittingEncoder({ codec, format: codec }, context);
    this.#fitter = new PictureFitter(size, codec === "JPEG");
  }

  requestKeyframe(): void {
    this.#keyframeWanted = true;
  }

  /** False when the bitstream is damaged. With `isLate` the frame is decoded, as others need it, and not encoded. */
  async convert(frame: SourceFrame, isLate: boolean, take: ConvertedFrame): Promise<boolean> {
    const decoder = this.#decoderOf(frame.codec);
    const ticks = Math.round(frame.atMs * TICKS_PER_MS);
    return await this.#context.guarded(decoder.decode(frame.bytes, ticks, async (picture, at) => {
      if (!isLate && at > this.#lastTicks) await this.#encodeTurned(picture, frame.turn, at, take);
    }));
  }

  close(): void {
    this.#decoder?.close();
    this.#encoder.close();
    this.#fitter.close();
    this.#turner.close();
  }

  #decoderOf(codec: string): VideoDecoder {
    if (this.#decoder && this.#decoderCodec === codec) return this.#decoder;
    this.#decoder?.close();
    this.#decoder = null;
    this.#decoder = VideoDecoder.ofCodec(codec, this.#context.hardware);
    this.#decoderCodec = codec;
    return this.#decoder;
  }

  async #encodeTurned(picture: Frame, turn: number, ticks: number, take: ConvertedFrame): Promise<void> {
    const missing = (turn - this.#turn) & 3;
    if (missing === 0) return await this.#encode(picture, ticks, take);
    const turned = this.#turner.turn(picture, missing);
    try {
      await this.#encode(turned, ticks, take);
    } finally {
      turned.free();
    }
  }

  async #encode(picture: Frame, ticks: number, take: ConvertedFrame): Promise<void> {
    this.#rate.add(ticks);
    this.#lastTicks = ticks;
    const fitted = this.#fitter.fit(picture);
    try {
      const bitrateBps = videoBitrate(this.size.width, this.size.height, this.#bitrate());
      const encoder = this.#encoder.fitting(this.size, this.#rate, bitrateBps);
      const asKeyframe = this.#keyframeWanted;
      this.#keyframeWanted = false;
      await encoder.encode(fitted, ticks, asKeyframe, (bytes, at, keyframe) => {
        take(bytes.slice(), at / TICKS_PER_MS, keyframe);
      });
    } finally {
      if (fitted !== picture) fitted.free();
    }
  }
}
