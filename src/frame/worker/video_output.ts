import type { Frame } from "node-av/lib";
import type { BitrateWish } from "../types.ts";
import { BitrateBound } from "./bitrate_bound.ts";
import { FittingEncoder } from "./fitting_encoder.ts";
import { FrameRate } from "./frame_rate.ts";
import { Latency } from "./latency.ts";
import type { OutboundStream } from "./outbound_stream.ts";
import type { OutputSpec } from "./output_spec.ts";
import { PictureThinning } from "./picture_thinning.ts";
import type { ProgramContext } from "./program.ts";
import { videoBitrate } from "./video_bitrate.ts";
import { videoEncoders } from "./video_encoder_table.ts";

/** Pictures that wait for an encoder; more would only be late. */
const MAX_QUEUED = 3;

interface QueuedPicture {
  picture: Frame;
  timestamp: number;
  arrivedMs: number;
}

/** One encoded stream that a program sends: pictures in, RTP out. */
export class VideoOutput {
  readonly stream: OutboundStream;
  readonly #codec: string;
  readonly #context: ProgramContext;
  readonly #rate = new FrameRate();
  readonly #thinning = new PictureThinning();
  readonly #latency = new Latency();
  readonly #queue: QueuedPicture[] = [];
  #bitrate: BitrateWish;
  readonly #bound: BitrateBound;
  readonly #encoder: FittingEncoder;
  #running: Promise<void> | null = null;
  #keyframeWanted = false;
  #lastTimestamp = -1;
  #closed = false;
  #failures = 0;
  droppedCount = 0;

  constructor(spec: OutputSpec, stream: OutboundStream, context: ProgramContext) {
    this.stream = stream;
    this.#codec = spec.format.codec;
    this.#bitrate = spec.bitrate;
    this.#bound = new BitrateBound(videoEncoders[spec.format.codec].takesBitrate);
    this.#encoder = new FittingEncoder(spec.format, context);
    this.#context = context;
  }

  /** Takes a reference of the picture; the oldest that waits is dropped when too many do. */
  push(picture: Frame, timestamp: number, arrivedMs: number): void {
    if (this.#closed || timestamp <= this.#lastTimestamp || !this.#thinning.takes(timestamp)) return;
    const copy = picture.clone();
    if (!copy) return;
    this.#lastTimestamp = timestamp;
    this.#rate.add(timestamp);
    if (this.#queue.length >= MAX_QUEUED) {
      this.#queue.shift()!.picture.free();
      this.droppedCount++;
    }
    this.#queue.push({ picture: copy, timestamp, arrivedMs });
    this.#running ??= this.#run();
  }

  /** The source's time stamps begin anew. */
  restart(): void {
    this.#lastTimestamp = -1;
    this.#thinning.restart();
    this.#keyframeWanted = true;
  }

  requestKeyframe(): void {
    this.#keyframeWanted = true;
  }

  setBitrate(wish: BitrateWish): void {
    this.#bitrate = wish;
  }

  /** No more pictures per second than this are encoded from now on; all with null. */
  setMaxFps(maxFps: number | null): void {
    this.#thinning.maxFps = maxFps;
  }

  /** Those who watch can take so much, bit/s. */
  setBound(bitrateBps: number): void {
    this.#bound.take(bitrateBps, this.#context.clock.now());
  }

  /** The next picture would cost the oldest that waits. */
  get isFull(): boolean {
    return this.#queue.length >= MAX_QUEUED;
  }

  /** Resolves when nothing waits for the encoder. */
  async settled(): Promise<void> {
    await this.#running;
  }

  stats() {
    return {
      ssrc: this.stream.ssrc,
      codec: this.#codec,
      framesSent: this.stream.frameCount,
      framesDropped: this.droppedCount,
      bitrateBps: this.#encoder.bitrateBps,
      latency: this.#latency.read(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { picture } of this.#queue.splice(0)) picture.free();
    await this.#running;
    this.#encoder.close();
  }

  async #run(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        await this.#encode(next);
        this.#failures = 0;
      } catch (error) {
        this.#fail(error);
      } finally {
        next.picture.free();
      }
    }
    this.#running = null;
  }

  async #encode({ picture, timestamp, arrivedMs }: QueuedPicture): Promise<void> {
    const bitrateBps = videoBitrate(picture.width, picture.height, this.#bitrate, this.#bound.bps);
    const encoder = this.#encoder.fitting(picture, this.#rate, bitrateBps);
    const asKeyframe = this.#keyframeWanted;
    this.#keyframeWanted = false;
    await this.#context.guarded(encoder.encode(picture, timestamp, asKeyframe, (bytes, stamp) => {
      if (this.#closed) return;
      this.stream.send(bytes, stamp);
      this.#latency.add(this.#context.clock.now() - arrivedMs);
    }));
  }

  #fail(error: unknown): void {
    this.#encoder.close();
    this.#failures++;
    // Once, and then every hundredth time: a picture comes thirty times a second.
    if (this.#failures % 100 !== 1) return;
    const description = error instanceof Error ? error.message : String(error);
    this.#context.event({ type: "error", kind: "STREAM_ERROR_ENCODE", description });
  }
}
