import type { BitrateWish } from "../../types.ts";
import { FrameRate } from "../frame_rate.ts";
import type { ProgramContext } from "../program.ts";
import { VideoDecoder } from "../video_decoder.ts";
import type { Size } from "./picture_fitter.ts";
import type { KindPlan } from "./profile.ts";
import type { TrackTarget } from "./track_packet.ts";
import { lacksParameters, parameterMark, videoExtradata } from "./track_parameters.ts";
import { type SourceFrame, VideoConversion } from "./video_conversion.ts";

/** Frames that wait: beyond the first limit pictures are left out, beyond the second all up to the next keyframe. */
const LATE_QUEUE = 100;
const MAX_QUEUE = 300;

export interface VideoTrackHost extends TrackTarget {
  /** The source is to send a keyframe; until then its frames are of no use where `isBlind`. */
  keyframeNeeded(isBlind: boolean): void;
  failed(description: string): void;
  /** Whether what follows is converted; told again and again. */
  converts(isOn: boolean): void;
  /** What is asked of its encoder now. */
  bitrate(): BitrateWish;
}

/** The video of a recording: copied where the container takes it as it comes, else converted. */
export class VideoTrack {
  readonly #plan: KindPlan;
  readonly #tellsTurn: boolean;
  readonly #context: ProgramContext;
  readonly #host: VideoTrackHost;
  readonly #queue: SourceFrame[] = [];
  readonly #rate = new FrameRate();
  /** Of the file; empty before the first keyframe. */
  #codec = "";
  /** Of the file's pictures. */
  #size: Size = { width: 0, height: 0 };
  /** Of the file: what is left to players. */
  #turn = 0;
  #mark = "";
  #parameters = new Uint8Array();
  /** Keyframes in a row that came without their parameter sets. */
  #parameterless = 0;
  #copies = false;
  #hasHeader = false;
  #conversion: VideoConversion | null = null;
  #running: Promise<void> | null = null;
  #closed = false;
  readonly counters = { copied: 0, converted: 0, dropped: 0, errors: 0 };

  /** `tellsTurn`: the file can say how pictures are to be turned. */
  constructor(plan: KindPlan, tellsTurn: boolean, context: ProgramContext, host: VideoTrackHost) {
    this.#plan = plan;
    this.#tellsTurn = tellsTurn;
    this.#context = context;
    this.#host = host;
  }

  /** Whether frames are in work. */
  get isBusy(): boolean {
    return this.#running !== null;
  }

  /** The first frame, and the first after a loss, is a keyframe. */
  take(frame: SourceFrame): void {
    if (this.#closed) return;
    if (this.#queue.length >= MAX_QUEUE) {
      this.counters.dropped += this.#queue.splice(0).length;
      return this.#host.keyframeNeeded(true);
    }
    this.#queue.push(frame);
    this.#running ??= this.#run();
  }

  /** The file wants a keyframe soon. */
  requestKeyframe(): void {
    if (this.#copies) this.#host.keyframeNeeded(false);
    else this.#conversion?.requestKeyframe();
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    await this.settled();
    this.#conversion?.close();
  }

  async #run(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        await this.#process(next);
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
      }
    }
    this.#running = null;
  }

  async #process(frame: SourceFrame): Promise<void> {
    const whole = frame.keyframe ? this.#complete(frame) : frame;
    if (!whole) return this.#missParameters();
    if (whole.keyframe) await this.#look(whole);
    // What is copied can become something that is converted at a keyframe only.
    else if (this.#copies && whole.turn !== this.#turn) this.#host.keyframeNeeded(false);
    if (this.#copies) this.#copy(whole);
    else if (this.#conversion) await this.#convert(this.#conversion, whole);
  }

  /** Puts the parameter sets before a keyframe that relies on earlier ones. Null where there are none. */
  #complete(frame: SourceFrame): SourceFrame | null {
    const own = videoExtradata(frame.codec, frame.bytes);
    if (!lacksParameters(frame.codec, frame.bytes)) {
      this.#parameters = new Uint8Array(own);
      this.#parameterless = 0;
      return frame;
    }
    if (this.#parameters.length === 0 || !this.#mark.startsWith(`${frame.codec}:`)) return null;
    const bytes = new Uint8Array(this.#parameters.length + frame.bytes.length);
    bytes.set(this.#parameters);
    bytes.set(frame.bytes, this.#parameters.length);
    return { ...frame, bytes };
  }

  /** The first packet of the first frame may be lost; a source that never sends them is worth a complaint. */
  #missParameters(): void {
    if (++this.#parameterless >= 3) this.#fail("Keyframes come without parameter sets");
    else this.#host.keyframeNeeded(true);
  }

  /** Decides at a keyframe whether what follows can be copied. */
  async #look(keyframe: SourceFrame): Promise<void> {
    const mark = `${parameterMark(keyframe.codec, keyframe.bytes)}:${keyframe.turn}`;
    if (mark === this.#mark) return;
    const size = await this.#sizeOf(keyframe);
    this.#mark = mark;
    if (this.#codec === "") this.#begin(keyframe, size);
    const isSame = size.width === this.#size.width && size.height === this.#size.height;
    const fits = keyframe.turn === this.#turn && (isSame || this.#plan.resizable.includes(this.#codec));
    this.#copies = this.#plan.copied.includes(keyframe.codec) && keyframe.codec === this.#codec && fits;
    if (this.#copies) this.#header(keyframe.bytes, size);
    else this.#conversion ??= this.#openConversion();
    this.#conversion?.requestKeyframe();
    this.#host.converts(!this.#copies);
  }

  #openConversion(): VideoConversion {
    const kind = { codec: this.#codec, size: this.#size, turn: this.#turn };
    return new VideoConversion(kind, this.#context, () => this.#host.bitrate());
  }

  #header(keyframe: Uint8Array, { width, height }: Size): void {
    this.#hasHeader = true;
    const extradata = videoExtradata(this.#codec, keyframe);
    const [codec, turn] = [this.#codec, this.#turn];
    const none = { sampleRate: 0, channels: 0 };
    this.#host.header({ media: "video", codec, width, height, turn, ...none, extradata });
  }

  #begin({ codec, turn }: SourceFrame, { width, height }: Size): void {
    const isCopied = this.#plan.copied.includes(codec);
    this.#codec = isCopied ? codec : this.#plan.otherwise;
    this.#turn = this.#tellsTurn ? turn : 0;
    const isLying = (turn - this.#turn) % 2 !== 0;
    const even = (side: number) => Math.max(2, side & ~1);
    if (isLying) this.#size = { width: even(height), height: even(width) };
    else this.#size = isCopied ? { width, height } : { width: even(width), height: even(height) };
  }

  async #sizeOf({ codec, bytes }: SourceFrame): Promise<Size> {
    const decoder = VideoDecoder.ofCodec(codec, this.#context.hardware);
    let size: Size | null = null;
    const note = (picture: Size) => {
      size = { width: picture.width, height: picture.height };
      return Promise.resolve();
    };
    try {
      await this.#context.guarded(decoder.decode(bytes, 0, note));
      if (!size) await this.#context.guarded(decoder.drain(note));
    } finally {
      decoder.close();
    }
    if (!size) throw new Error(`A keyframe of ${codec} could not be decoded`);
    return size;
  }

  #copy(frame: SourceFrame): void {
    this.counters.copied++;
    this.#emit(frame.bytes, frame.atMs, frame.keyframe);
  }

  async #convert(conversion: VideoConversion, frame: SourceFrame): Promise<void> {
    const isLate = this.#queue.length > LATE_QUEUE;
    if (isLate) this.counters.dropped++;
    const isSound = await conversion.convert(frame, isLate, (bytes, atMs, keyframe) => {
      if (keyframe && !this.#hasHeader) this.#header(bytes, this.#size);
      this.counters.converted++;
      if (this.#hasHeader) this.#emit(bytes, atMs, keyframe);
    });
    if (!isSound) this.#fail(`A frame of ${frame.codec} could not be decoded`);
  }

  #emit(bytes: Uint8Array, atMs: number, keyframe: boolean): void {
    this.#rate.add(atMs * 90);
    const durationMs = 1000 / this.#rate.fps;
    this.#host.packet({ media: "video", codec: this.#codec, bytes, atMs, durationMs, keyframe });
  }

  #fail(description: string): void {
    this.counters.errors++;
    this.#mark = "";
    // What waits behind another keyframe does not rely on this one.
    const next = this.#queue.findIndex(({ keyframe }) => keyframe);
    this.#queue.splice(0, next < 0 ? this.#queue.length : next);
    this.#host.failed(description);
    if (next < 0) this.#host.keyframeNeeded(true);
  }
}
