import { type PayloadAssembler, payloadFormat } from "../../rtp/mod.ts";
import { ExtendedTimestamp } from "./extended_timestamp.ts";
import { ReorderWindow } from "./reorder_window.ts";

/** How long a missed packet may still come: one round of NACK on the publisher's way; audio cannot wait as long. */
const PATIENCE_MS = { video: 120, audio: 60 };

/** A frame as it came. */
export interface ReceivedFrame {
  bytes: Uint8Array;
  /** RTP time stamp that keeps growing over its 32 bits. */
  timestamp: number;
  keyframe: boolean;
  /** When its last packet came. */
  arrivedMs: number;
  /** How its picture is to be turned (3GPP TS 26.114 section 7.4.5), null where none of its packets says. */
  orientation: number | null;
}

export interface AssemblyTarget {
  frame(frame: ReceivedFrame): void;
  /** A frame, or more, did not come whole. */
  lost(): void;
}

interface Packet {
  payload: Uint8Array;
  timestamp: number;
  marker: boolean;
  arrivedMs: number;
  orientation: number | null;
}

/** Puts the frames of one RTP stream together: order, boundaries, and what is missing. */
export class FrameAssembly {
  readonly #assembler: PayloadAssembler;
  readonly #window: ReorderWindow<Packet>;
  readonly #target: AssemblyTarget;
  readonly #isAudio: boolean;
  readonly #timestamps = new ExtendedTimestamp();
  /** 32-bit time stamp of the frame in work; -1 between frames. */
  #current = -1;
  /** The frame in work is broken: its other packets are dropped. */
  #broken = false;
  /** Packets before the next one are lost, so that the frame which it is of may have begun with one of them. */
  #afterGap = false;
  #arrivedMs = 0;
  #orientation: number | null = null;

  constructor(codec: string, media: "audio" | "video", target: AssemblyTarget) {
    this.#assembler = payloadFormat(codec)!.assembler();
    this.#target = target;
    this.#isAudio = media === "audio";
    this.#window = new ReorderWindow(PATIENCE_MS[media], {
      packet: (packet) => this.#add(packet),
      gap: () => this.#gap(),
    });
  }

  get isWaiting(): boolean {
    return this.#window.isWaiting;
  }

  get lostCount(): number {
    return this.#window.lostCount;
  }

  /** `payload` without padding; it is kept, so it must not change any more. */
  take(
    sequenceNumber: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowMs: number,
    orientation: number | null = null,
  ): void {
    this.#window.take(sequenceNumber, { payload, timestamp, marker, arrivedMs: nowMs, orientation }, nowMs);
  }

  tick(nowMs: number): void {
    this.#window.tick(nowMs);
  }

  #add(packet: Packet): void {
    // Padding only: probes for bandwidth.
    if (packet.payload.length === 0) return;
    // Not every sender sets the marker, and a new time stamp is a new frame.
    if (this.#current >= 0 && packet.timestamp !== this.#current) this.#finish();
    if (this.#current < 0) this.#begin(packet.timestamp);
    this.#afterGap = false;
    this.#arrivedMs = packet.arrivedMs;
    this.#orientation = packet.orientation ?? this.#orientation;
    if (!this.#broken && !this.#assembler.add(packet.payload)) this.#breakFrame();
    if (packet.marker || this.#isAudio) this.#finish();
  }

  #begin(timestamp: number): void {
    this.#current = timestamp;
    this.#orientation = null;
    this.#broken = this.#afterGap && !this.#isAudio;
  }

  #finish(): void {
    const timestamp = this.#timestamps.extend(this.#current);
    const broken = this.#broken;
    const frame = this.#assembler.take();
    this.#current = -1;
    if (broken) return;
    const [arrivedMs, orientation] = [this.#arrivedMs, this.#orientation];
    if (frame) this.#target.frame({ ...frame, timestamp, arrivedMs, orientation });
    else this.#target.lost();
  }

  #gap(): void {
    this.#afterGap = true;
    this.#breakFrame();
  }

  #breakFrame(): void {
    this.#broken = true;
    this.#assembler.take();
    this.#target.lost();
  }
}
