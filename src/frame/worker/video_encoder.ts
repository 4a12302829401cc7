import { setImmediate } from "node:timers";
import type { Frame } from "node-av/lib";
import { systemClock } from "../../base/mod.ts";
import { EncoderContext, type VideoEncoderOptions } from "./encoder_context.ts";
import type { Hardware } from "./hardware.ts";
import type { OwnThread, Seat } from "./own_thread.ts";
import type { EncoderChoice } from "./video_encoder_table.ts";

/** Opens an encoder, or throws. Tests give their own. */
export type OpenEncoder = (
  options: VideoEncoderOptions,
  choice: EncoderChoice,
  hardware: Hardware,
) => Pick<EncoderContext, "choice" | "bitrateBps" | "setBitrate" | "encode" | "close">;

/**
 * Encodes pictures of one size, planar YUV 4:2:0, in hardware where there is some for it. What fails there is done by
 * the next way, down to software, and the picture at hand with it: only software can fail to those who use this.
 */
export class VideoEncoder {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly #options: VideoEncoderOptions;
  readonly #hardware: Hardware;
  readonly #open: OpenEncoder;
  readonly #seat: Seat;
  readonly #ways: EncoderChoice[];
  #encoder: ReturnType<OpenEncoder>;

  /** Throws where FFmpeg cannot open any encoder for it. */
  constructor(
    options: VideoEncoderOptions,
    hardware: Hardware,
    ownThread: OwnThread,
    open: OpenEncoder = openContext,
  ) {
    this.width = options.width;
    this.height = options.height;
    this.fps = options.fps;
    this.#options = options;
    this.#hardware = hardware;
    this.#open = open;
    this.#ways = hardware.encoders(options.format.codec, options.width, options.height);
    this.#encoder = this.#openNext(options);
    this.#seat = ownThread.enter();
  }

  get bitrateBps(): number {
    return this.#encoder.bitrateBps;
  }

  /** False when the encoder must be opened anew to have it. */
  setBitrate(bitrateBps: number): boolean {
    return this.#encoder.setBitrate(bitrateBps);
  }

  /** Encodes one picture; its time stamp must lie after the last one's. Hands on what comes out, valid during the call only. */
  async encode(
    picture: Frame,
    timestamp: number,
    asKeyframe: boolean,
    take: (bytes: Uint8Array, timestamp: number, isKeyframe: boolean) => void,
  ): Promise<void> {
    for (;;) {
      const { choice } = this.#encoder;
      const isHere = !choice.isHardware && this.#seat.isOnOwnThread;
      // What else there is to do comes first, the next frame's way to its decoder above all.
      if (isHere) await turnOfThread();
      try {
        const beganMs = systemClock.now();
        await this.#encoder.encode(picture, timestamp, asKeyframe, isHere, (bytes, at, isKeyframe) => {
          if (choice.isHardware) this.#hardware.worked(choice.name);
          take(bytes, at, isKeyframe);
        });
        return this.#seat.took(systemClock.now() - beganMs);
      } catch (error) {
        if (!choice.isHardware) throw error;
        this.#hardware.failed(choice.name);
        const { bitrateBps } = this.#encoder;
        this.#encoder.close();
        this.#encoder = this.#openNext({ ...this.#options, bitrateBps });
      }
    }
  }

  close(): void {
    this.#seat.leave();
    this.#encoder.close();
  }

  #openNext(options: VideoEncoderOptions): ReturnType<OpenEncoder> {
    for (;;) {
      const choice = this.#ways.shift()!;
      try {
        return this.#open(options, choice, this.#hardware);
      } catch (error) {
        if (!choice.isHardware) throw error;
        this.#hardware.failed(choice.name);
      }
    }
  }
}

const turnOfThread = () => new Promise<void>((resolve) => setImmediate(resolve));

const openContext: OpenEncoder = (options, choice, hardware) => {
  const isFed = choice.isFedOnDevice && choice.device !== undefined;
  return new EncoderContext(options, choice, isFed ? hardware.device(choice.device!) : null);
};
