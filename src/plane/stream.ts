// hot
import type { Inbound } from "./inbound.ts";
import { KeyframeRequests } from "./keyframe_requests.ts";
import { AUDIO_HISTORY, MAX_PENDING, VIDEO_HISTORY } from "./limits.ts";
import { FLAG_KEYFRAME, type PacketRing } from "./packet_ring.ts";
import type { Sender } from "./sender.ts";
import { SequenceMap } from "./sequence_map.ts";
import type { Source } from "./source.ts";

const NO_SLOTS = new Int32Array(0);

/**
 * One continuous RTP stream inside the server, with a sequence and time base of its own, and the index of its recent
 * packets in the receive ring. What feeds it may change: another SSRC, another publisher. A source has one, or one
 * more for each simulcast layer that its publishers send.
 */
export class Stream {
  /** Owner of its packets in the ring: positive, unique in the plane. */
  readonly id: number;
  readonly source: Source;
  readonly media: "audio" | "video";
  /** Simulcast layer, "" for what comes without layers. */
  readonly rid: string;
  /** Senders that it is forwarded to, and those that change over to it with its next keyframe. */
  readonly senders: Sender[];
  readonly arriving: Sender[];
  /** The SSRC that feeds it, and the one that takes over at its next keyframe. */
  active: Inbound | null = null;
  candidate: Inbound | null = null;
  readonly numbering = new SequenceMap();
  /** Added to incoming timestamps, modulo 2^32. */
  timestampShift = 0;
  /** Highest extended sequence number so far. */
  highest: number;
  /** Newest timestamp, and when its packet came; 0 before the first. */
  highestTimestamp: number;
  lastPacketMs = 0;
  /** Index of the current Format, 0 before the first packet. */
  format = 0;
  clockRate = 0;
  /** First packet of the last keyframe, -1 before the first. */
  keyframeSequence = -1;
  keyframeMs = 0;
  readonly keyframes = new KeyframeRequests();
  /** Slots that wait for the end of the turn; no room for any before the first feed, which many streams never have. */
  pending = NO_SLOTS;
  pendingCount = 0;
  /** On the list of streams of this turn. */
  touched = false;
  #slots = NO_SLOTS;

  /** `random` is an unsigned 32-bit number that the sequence and time bases start from (RFC 3550 section 5.1). */
  constructor(id: number, source: Source, rid: string, random: number) {
    this.id = id;
    this.source = source;
    this.media = source.media;
    this.rid = rid;
    this.senders = new Array<Sender>();
    this.arriving = new Array<Sender>();
    // One cycle up, so that late packets before the first one do not become negative.
    this.highest = 65536 + (random & 0x7fff);
    this.highestTimestamp = random;
  }
  /** The slot that holds packet `sequence`, or -1. */
  slotOf(ring: PacketRing, sequence: number): number {
    if (this.#slots.length === 0) return -1;
    const slot = this.#slots[sequence & (this.#slots.length - 1)];
    return ring.holds(slot, this.id, sequence) ? slot : -1;
  }

  /**
   * Makes `inbound` the feeding stream, with the packet `extended` at `timestamp` as its first: sequence numbers go
   * on by one, timestamps by the time that passed.
   */
  feedFrom(inbound: Inbound, extended: number, timestamp: number, clockRate: number, nowMs: number): void {
    if (this.#slots.length === 0) this.#openHistory();
    this.numbering.start(extended, this.highest + 1);
    const next = this.lastPacketMs === 0 ? this.highestTimestamp : this.#timestampAfter(clockRate, nowMs);
    this.timestampShift = (next - timestamp) >>> 0;
    this.clockRate = clockRate;
    this.active = inbound;
    this.candidate = null;
  }

  /** Takes a packet that stands in `slot` into the stream as number `sequence`; it is forwarded at the turn's end. */
  accept(ring: PacketRing, slot: number, sequence: number, timestamp: number, nowMs: number): void {
    const shifted = (timestamp + this.timestampShift) >>> 0;
    ring.owner[slot] = this.id;
    ring.sequence[slot] = sequence;
    ring.timestamp[slot] = shifted;
    this.#slots[sequence & (this.#slots.length - 1)] = slot;
    if (sequence > this.highest) this.highest = sequence;
    if (this.lastPacketMs === 0 || ((shifted - this.highestTimestamp) | 0) > 0) {
      this.highestTimestamp = shifted;
    }
    this.lastPacketMs = nowMs;
    if ((ring.flags[slot] & FLAG_KEYFRAME) !== 0) {
      this.keyframeSequence = sequence;
      this.keyframeMs = nowMs;
    }
    this.pending[this.pendingCount++] = slot;
  }

  /** The publisher's sender reports tell its clock. */
  isTimed(): boolean {
    const active = this.active;
    if (active === null || active.reportArrivedMs === 0) return false;
    const offsetMs = active.receiver.transport.clockOffsetMs;
    return offsetMs === offsetMs;
  }

  /** The source's RTP time of this moment, from the publisher's clock where its sender reports tell it. */
  timestampAt(nowMs: number): number {
    const active = this.active;
    if (active !== null && this.isTimed()) {
      const sinceMs = nowMs - (active.reportNtpMs + active.receiver.transport.clockOffsetMs);
      return (active.reportTimestamp + this.timestampShift + Math.round(sinceMs * this.clockRate / 1000)) >>>
        0;
    }
    const sinceMs = nowMs - this.lastPacketMs;
    return (this.highestTimestamp + Math.round(sinceMs * this.clockRate / 1000)) >>> 0;
  }

  #openHistory(): void {
    this.pending = new Int32Array(MAX_PENDING);
    this.#slots = new Int32Array(this.media === "video" ? VIDEO_HISTORY : AUDIO_HISTORY);
  }

  #timestampAfter(clockRate: number, nowMs: number): number {
    // At least a millisecond's worth, so that two frames never share a timestamp.
    const elapsed = Math.max(1, nowMs - this.lastPacketMs) * clockRate / 1000;
    return (this.highestTimestamp + Math.ceil(elapsed)) >>> 0;
  }
}
