import type { StreamFormat } from "../types.ts";
import type { FrameRate } from "./frame_rate.ts";
import type { ProgramContext } from "./program.ts";
import { VideoEncoder } from "./video_encoder.ts";
import { videoEncoders } from "./video_encoder_table.ts";

/**
 * Encoders are told of no fewer pictures a second: one that counts on a picture a second, as of a screen where nothing
 * moves, spends a second's bits on each of those that come fast all at once.
 */
const LEAST_FPS = 10;

/**
 * Pictures may come so many times faster or slower than an encoder was told. Those that cannot follow by themselves spend
 * as much too much or too little: they are opened anew, for a keyframe, sooner.
 */
const RATE_FACTOR = { following: 1.5, fixed: 1.2 };

/** The encoder of a stream whose size, rate and bitrate change: another is opened where the open one fits no more. */
export class FittingEncoder {
  readonly #format: StreamFormat;
  readonly #context: Pick<ProgramContext, "hardware" | "ownThread">;
  readonly #rateFactor: number;
  #open: VideoEncoder | null = null;

  constructor(format: StreamFormat, context: Pick<ProgramContext, "hardware" | "ownThread">) {
    this.#format = format;
    this.#context = context;
    const { countsPictures, wantsEvenTimes } = videoEncoders[format.codec];
    this.#rateFactor = countsPictures || wantsEvenTimes ? RATE_FACTOR.following : RATE_FACTOR.fixed;
  }

  /** What the open encoder spends, null where none is open. */
  get bitrateBps(): number | null {
    return this.#open?.bitrateBps ?? null;
  }

  /** The encoder for such a picture. Throws where FFmpeg cannot open one. */
  fitting(
    { width, height }: { width: number; height: number },
    rate: FrameRate,
    bitrateBps: number,
  ): VideoEncoder {
    const open = this.#open;
    const fps = Math.max(LEAST_FPS, rate.fps);
    const fits = open && open.width === width && open.height === height &&
      !(rate.isFarFrom(open.fps, this.#rateFactor) && fps !== open.fps) &&
      (open.bitrateBps === bitrateBps || open.setBitrate(bitrateBps));
    if (fits) return open;
    this.close();
    const wanted = { format: this.#format, width, height, fps, bitrateBps };
    return this.#open = new VideoEncoder(wanted, this.#context.hardware, this.#context.ownThread);
  }

  close(): void {
    this.#open?.close();
    this.#open = null;
  }
}
