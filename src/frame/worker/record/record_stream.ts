import { randomUint32 } from "../../../base/mod.ts";
import { writePli } from "../../../rtp/mod.ts";
import { type FrameMedia, programPayloads } from "../../types.ts";
import { FrameAssembly, type ReceivedFrame } from "../frame_assembly.ts";
import type { RtpPacket } from "../media_socket.ts";
import { turnOfOrientation } from "../picture_turn.ts";
import type { ProgramContext } from "../program.ts";
import { type SenderClocks, StreamTimeline } from "./stream_timeline.ts";

const KEYFRAME_PERIOD_MS = 500;

/** A frame of the source and what its time can be read from. */
export interface StreamFrame {
  media: FrameMedia;
  codec: string;
  bytes: Uint8Array;
  keyframe: boolean;
  /** Clockwise quarter turns until its picture is upright, 0 to 3. */
  turn: number;
  /** Extended RTP time stamp, of `timeline`. */
  timestamp: number;
  timeline: StreamTimeline;
}

/** The RTP of one kind of media that the plane sends to a recorder: whole frames, video from a keyframe on. */
export class RecordStream {
  readonly #media: FrameMedia;
  readonly #context: ProgramContext;
  readonly #clocks: SenderClocks;
  readonly #take: (frame: StreamFrame) => void;
  readonly #feedbackSsrc = randomUint32();
  #ssrc = 0;
  #codec = "";
  #assembly: FrameAssembly | null = null;
  #timeline: StreamTimeline | null = null;
  /** Frames are dropped until a keyframe comes. */
  #isBlind = false;
  /** Told with keyframes, and when it changes. */
  #turn = 0;
  #isWanted = false;
  #askedMs = -Infinity;
  #lastFrameMs = -Infinity;
  readonly counters = { packets: 0, frames: 0, blindFrames: 0 };

  constructor(
    media: FrameMedia,
    context: ProgramContext,
    clocks: SenderClocks,
    take: (frame: StreamFrame) => void,
  ) {
    this.#media = media;
    this.#context = context;
    this.#clocks = clocks;
    this.#take = take;
  }

  get lostCount(): number {
    return this.#assembly?.lostCount ?? 0;
  }

  /** Whether frames have come of late. */
  isAlive(nowMs: number, withinMs: number): boolean {
    return nowMs - this.#lastFrameMs < withinMs;
  }

  packet(packet: RtpPacket, codec: string): void {
    this.counters.packets++;
    if (codec !== this.#codec || packet.ssrc !== this.#ssrc) this.#restart(codec, packet.ssrc);
    const { sequenceNumber, timestamp, marker, payload, nowMs, orientation } = packet;
    this.#assembly!.take(sequenceNumber, timestamp, marker, payload, nowMs, orientation);
    if (this.#isBlind) this.#askForKeyframe(nowMs);
  }

  /** A sender report; those of other streams change nothing. */
  report(ssrc: number, ntpMs: number, timestamp: number): void {
    if (ssrc === this.#ssrc) this.#timeline?.report(ntpMs, timestamp);
  }

  tick(nowMs: number): void {
    this.#assembly?.tick(nowMs);
    if (this.#isBlind && this.#ssrc !== 0) this.#askForKeyframe(nowMs);
  }

  /** From now on frames are wanted, video from the next keyframe on. */
  begin(): void {
    this.#isWanted = true;
    this.goBlind();
  }

  /** Frames are of no use for now. */
  stop(): void {
    this.#isWanted = false;
  }

  /** A new keyframe is needed before anything else is. */
  goBlind(): void {
    if (this.#media === "audio") return;
    this.#isBlind = true;
    this.#askedMs = -Infinity;
  }

  askForKeyframe(): void {
    this.#askForKeyframe(this.#context.clock.now());
  }

  #restart(codec: string, ssrc: number): void {
    this.#codec = codec;
    this.#ssrc = ssrc;
    this.#turn = 0;
    this.#timeline = new StreamTimeline(programPayloads[codec].clockRate, this.#clocks);
    this.#assembly = new FrameAssembly(codec, this.#media, {
      frame: (frame) => this.#frame(frame),
      lost: () => this.goBlind(),
    });
    this.goBlind();
  }

  #frame({ bytes, keyframe, timestamp, arrivedMs, orientation }: ReceivedFrame): void {
    if (orientation !== null) this.#turn = turnOfOrientation(orientation);
    const timeline = this.#timeline!;
    timeline.arrived(timestamp, arrivedMs);
    this.counters.frames++;
    this.#lastFrameMs = arrivedMs;
    if (!this.#isWanted) return;
    if (this.#isBlind && !keyframe) {
      this.counters.blindFrames++;
      return;
    }
    this.#isBlind = false;
    const [media, codec, turn] = [this.#media, this.#codec, this.#turn];
    this.#take({ media, codec, bytes, keyframe, turn, timestamp, timeline });
  }

  #askForKeyframe(nowMs: number): void {
    if (!this.#isWanted || nowMs - this.#askedMs < KEYFRAME_PERIOD_MS) return;
    this.#askedMs = nowMs;
    this.#context.socket.send((bytes, offset) => writePli(bytes, offset, this.#feedbackSsrc, this.#ssrc));
    this.#context.socket.flush();
  }
}
