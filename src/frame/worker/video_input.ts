import type { Frame } from "node-av/lib";
import { randomUint32 } from "../../base/mod.ts";
import { writePli } from "../../rtp/mod.ts";
import { FrameAssembly, type ReceivedFrame } from "./frame_assembly.ts";
import type { RtpPacket } from "./media_socket.ts";
import { codecOf } from "./output_spec.ts";
import { PictureConverter } from "./picture_converter.ts";
import type { ProgramContext } from "./program.ts";
import { VideoDecoder } from "./video_decoder.ts";

/** Encoded frames that wait for the decoder; more, and the stream begins anew at a keyframe. */
const MAX_QUEUED = 60;
const KEYFRAME_PERIOD_MS = 500;
const ERROR_PERIOD_MS = 2000;

export interface VideoInputTarget {
  /** False where nobody wants pictures: nothing is decoded then. */
  isWanted(): boolean;
  /** A picture for the encoders, valid during the call only. */
  picture(picture: Frame, timestamp: number, arrivedMs: number): void;
  /** Another stream, or another codec, from now on. */
  restarted(ssrc: number): void;
}

/** The RTP stream that the plane sends to a program: decoded from a keyframe on, with another asked for after loss. */
export class VideoInput {
  readonly #context: ProgramContext;
  readonly #target: VideoInputTarget;
  readonly #converter = new PictureConverter();
  readonly #feedbackSsrc = randomUint32();
  readonly #queue: { frame: ReceivedFrame; codec: string }[] = [];
  #ssrc = 0;
  #codec = "";
  #assembly: FrameAssembly | null = null;
  #decoder: VideoDecoder | null = null;
  #decoderCodec = "";
  #running: Promise<void> | null = null;
  #closed = false;
  /** Frames are dropped until a keyframe comes. */
  #isBlind = true;
  #askedMs = -Infinity;
  #reportedMs = -Infinity;
  #errors = 0;
  readonly counters = { packets: 0, foreignPackets: 0, frames: 0, decoded: 0, errors: 0 };

  constructor(context: ProgramContext, target: VideoInputTarget) {
    this.#context = context;
    this.#target = target;
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  get lostCount(): number {
    return this.#assembly?.lostCount ?? 0;
  }

  take(packet: RtpPacket): void {
    const codec = codecOf(packet.payloadType, "video");
    if (!codec) {
      this.counters.foreignPackets++;
      return;
    }
    this.counters.packets++;
    if (codec !== this.#codec || packet.ssrc !== this.#ssrc) this.#restart(codec, packet.ssrc);
    const { sequenceNumber, timestamp, marker, payload, nowMs } = packet;
    this.#assembly!.take(sequenceNumber, timestamp, marker, payload, nowMs);
    // Without a first frame nobody asks.
    if (this.#isBlind) this.#askForKeyframe(nowMs);
  }

  tick(nowMs: number): void {
    this.#assembly?.tick(nowMs);
    if (this.#isBlind && this.#ssrc !== 0) this.#askForKeyframe(nowMs);
  }

  /** Decoding stands still or has stood still: begins again at a keyframe. */
  goBlind(): void {
    this.#isBlind = true;
    this.#queue.length = 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    await this.#running;
    this.#decoder?.close();
    this.#converter.close();
  }

  #restart(codec: string, ssrc: number): void {
    this.#codec = codec;
    this.#ssrc = ssrc;
    this.#assembly = new FrameAssembly(codec, "video", {
      frame: (frame) => this.#queueFrame(frame),
      lost: () => this.goBlind(),
    });
    this.goBlind();
    this.#askedMs = -Infinity;
    this.#target.restarted(ssrc);
  }

  #queueFrame(frame: ReceivedFrame): void {
    this.counters.frames++;
    if (!this.#target.isWanted()) return this.goBlind();
    if (this.#isBlind && !frame.keyframe) return;
    this.#isBlind = false;
    if (this.#queue.length >= MAX_QUEUED) return this.goBlind();
    this.#queue.push({ frame, codec: this.#codec });
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let next = this.#queue.shift(); next && !this.#closed; next = this.#queue.shift()) {
      try {
        await this.#decode(next.frame, next.codec);
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
      }
    }
    this.#running = null;
  }

  async #decode(frame: ReceivedFrame, codec: string): Promise<void> {
    const decoder = this.#decoderOf(codec);
    const isSound = await this.#context.guarded(
      decoder.decode(frame.bytes, frame.timestamp, (picture, timestamp) => {
        this.counters.decoded++;
        return this.#handOn(picture, timestamp, frame.arrivedMs);
      }),
    );
    if (!isSound) this.#fail(`A frame of ${codec} could not be decoded`);
  }

  #decoderOf(codec: string): VideoDecoder {
    if (this.#decoder && this.#decoderCodec === codec) return this.#decoder;
    this.#decoder?.close();
    this.#decoder = null;
    this.#decoder = VideoDecoder.ofCodec(codec, this.#context.hardware);
    this.#decoderCodec = codec;
    return this.#decoder;
  }

  async #handOn(picture: Frame, timestamp: number, arrivedMs: number): Promise<void> {
    const converted = await this.#converter.convert(picture);
    this.#target.picture(converted, timestamp, arrivedMs);
    if (converted !== picture) converted.free();
  }

  #fail(description: string): void {
    this.counters.errors++;
    this.#errors++;
    this.goBlind();
    const nowMs = this.#context.clock.now();
    if (nowMs - this.#reportedMs < ERROR_PERIOD_MS) return;
    this.#reportedMs = nowMs;
    const times = this.#errors > 1 ? ` (${this.#errors} times)` : "";
    this.#errors = 0;
    this.#context.event({ type: "error", kind: "STREAM_ERROR_DECODE", description: description + times });
  }

  #askForKeyframe(nowMs: number): void {
    if (nowMs - this.#askedMs < KEYFRAME_PERIOD_MS || !this.#target.isWanted()) return;
    this.#askedMs = nowMs;
    this.#context.socket.send((bytes, offset) => writePli(bytes, offset, this.#feedbackSsrc, this.#ssrc));
    this.#context.socket.flush();
  }
}
