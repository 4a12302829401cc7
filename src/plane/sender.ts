// hot
import { FIT_NONE, formatFit } from "../rtp/mod.ts";
import type { PayloadSpec, SenderSpec } from "./control.ts";
import type { LayerChoice } from "./layer_choice.ts";
import { FORWARDED_EXTENSIONS, type PacketRing } from "./packet_ring.ts";
import { RateMeter } from "./rate_meter.ts";
import type { Source } from "./source.ts";
import type { Stream } from "./stream.ts";
import type { Transport } from "./transport.ts";
import type { ViewerBound } from "./viewer_bound.ts";

/** Repeats of one packet closer together than this answer the same request. */
const REPEAT_MS = 15;
/** Cells of the repeat filter; a power of two. A collision only delays one retransmission. */
const REPEAT_CELLS = 256;
const NO_CELLS = new Float64Array(0);
/** Retransmissions that a second always allows, before the share of what was sent counts. */
const RESEND_FLOOR = 64;

/** True for an id of RFC 8285's one-byte elements, the only form that is written. */
export function isExtensionId(id: number | undefined): boolean {
  return id !== undefined && id >= 1 && id <= 14;
}

/** One m-line that we send to a peer: an SSRC whose sequence and time base never break, whatever it is bound to. */
export class Sender {
  readonly spec: SenderSpec;
  readonly transport: Transport;
  readonly cname: Uint8Array;
  readonly mid: Uint8Array;
  /** Negotiated id by forwarded extension, 0 for none; and the same as a bit mask. */
  readonly extensionIds = new Uint8Array(FORWARDED_EXTENSIONS);
  readonly extensionMask: number;
  /** Its peer can ask for keyframes. */
  readonly asks: boolean;
  source: Source | null = null;
  /** Which of the bound source's streams it sends, and which it changes over to at that one's next keyframe. */
  stream: Stream | null = null;
  target: Stream | null = null;
  /** How its layer was chosen; null while its source has no layers. */
  layers: LayerChoice | null = null;
  /** What its peer can be sent, where an encoder of ours is to know; null while nothing is said. */
  bound: ViewerBound | null = null;

  /** Nothing is sent before the next keyframe (video) or packet (audio). */
  waiting = true;
  waitingSinceMs = 0;
  /** Source packets before this one were never sent under the present shift. */
  floor = 0;
  sequenceShift = 0;
  timestampShift = 0;
  /** Highest extended sequence number sent, and of RTX. */
  highest: number;
  rtxHighest: number;
  lastTimestamp: number;
  lastSentMs = 0;

  /** Next source packet of a replay, -1 when none is going on. */
  replayNext = -1;
  /** Source packets before this one were replayed: their timestamps are compressed towards `replayEdge`. */
  replayEnd = -1;
  replayEdge = 0;
  replayRatio = 0;

  /** Format index that the payload types below are for; 0 for none. */
  format = 0;
  /** -1: the peer did not negotiate this format. */
  payloadType = -1;
  rtxPayloadType = -1;
  codec = "";
  clockRate = 0;

  flowing = false;
  readonly rate = new RateMeter();
  packetsSent = 0;
  octetsSent = 0;
  retransmittedPacketsSent = 0;
  nackCount = 0;
  pliCount = 0;
  firCount = 0;
  firSequence = -1;
  /** From the last report block of the peer. */
  packetsLost = 0;
  fractionLost = 0;
  jitterSeconds = 0;
  roundTripSeconds = 0;

  /** 4 kB that many viewers never need: made with the first retransmission. */
  #repeatOf = NO_CELLS;
  #repeatMs = NO_CELLS;
  #resendSinceMs = 0;
  #resendLeft = 0;
  #packetsBefore = 0;

  /** `random` is an unsigned 32-bit number for the first sequence numbers and timestamp. */
  constructor(spec: SenderSpec, transport: Transport, cname: Uint8Array, mid: Uint8Array, random: number) {
    this.spec = spec;
    this.transport = transport;
    this.cname = cname;
    this.mid = mid;
    // RFC 3711 section 3.3.1: receivers start with rollover counter 0, so does the first cycle; the lower half of it
    // leaves room for reordered packets before the first wrap.
    this.highest = random & 0x7fff;
    this.rtxHighest = (random >>> 16) & 0x7fff;
    this.lastTimestamp = random;
    this.asks = spec.payloads.some(({ feedback }) => feedback.pli || feedback.fir);
    const ids = spec.extensions;
    this.extensionIds[0] = ids.audioLevel ?? 0;
    this.extensionIds[1] = ids.videoOrientation ?? 0;
    this.extensionIds[2] = ids.playoutDelay ?? 0;
    this.extensionIds[3] = ids.absCaptureTime ?? 0;
    let mask = 0;
    for (let kind = 0; kind < FORWARDED_EXTENSIONS; kind++) {
      if (isExtensionId(this.extensionIds[kind])) mask |= 1 << kind;
    }
    this.extensionMask = mask;
  }

  /** Sends this stream from now on, or none. What it was about to change over to is forgotten. */
  enter(stream: Stream | null): void {
    this.aim(null);
    if (this.stream !== null) leave(this.stream.senders, this);
    this.stream = stream;
    if (stream !== null) stream.senders.push(this);
  }

  /** Changes over to this stream at its next keyframe; null: stays. */
  aim(stream: Stream | null): void {
    if (this.target !== null) leave(this.target.arriving, this);
    this.target = stream;
    if (stream !== null) stream.arriving.push(this);
  }

  /** Sends nothing until the bound source has something to start with. */
  wait(nowMs: number): void {
    this.waiting = true;
    this.waitingSinceMs = nowMs;
    this.replayNext = -1;
  }

  /**
   * Starts (again) with source packet `sequence`; `timestamp` is the source's time that follows what was sent last by
   * the time that passed, or by `leadTicks` where more are needed for what is replayed before it.
   */
  begin(sequence: number, timestamp: number, leadTicks: number, clockRate: number, nowMs: number): void {
    this.waiting = false;
    this.floor = sequence;
    this.replayEnd = -1;
    this.sequenceShift = this.highest + 1 - sequence;
    const passedMs = this.lastSentMs === 0 ? 1 : Math.max(1, nowMs - this.lastSentMs);
    const ticks = Math.max(Math.ceil(passedMs * clockRate / 1000), leadTicks);
    this.timestampShift = (this.lastTimestamp + ticks - timestamp) >>> 0;
  }

  /** Timestamp that the packet in `slot` has, or had, on this sender: the same at each sending. */
  timestampOf(ring: PacketRing, slot: number): number {
    let timestamp = ring.timestamp[slot];
    if (ring.sequence[slot] < this.replayEnd) {
      const behind = (this.replayEdge - timestamp) | 0;
      if (behind > 0) timestamp = this.replayEdge - Math.round(behind * this.replayRatio);
    }
    return (timestamp + this.timestampShift) >>> 0;
  }

  /** True when nothing but the start of a picture is missing: it is bound, it could send, its peer takes the format. */
  wantsStart(): boolean {
    const stream = this.stream;
    if (stream === null || !this.waiting || !this.transport.canSend()) return false;
    return stream.format === 0 || stream.format !== this.format || this.payloadType >= 0;
  }

  /** The payload that a format does best on, the first of equals; null when the peer does not take the codec. */
  payloadFor(format: string): PayloadSpec | null {
    const payloads = this.spec.payloads;
    let best: PayloadSpec | null = null;
    let bestFit = FIT_NONE;
    for (let i = 0; i < payloads.length; i++) {
      const fit = formatFit(format, payloads[i].format);
      if (fit <= bestFit) continue;
      best = payloads[i];
      bestFit = fit;
    }
    return best;
  }

  /** True when packet `extended` may be sent again now; takes it from this second's allowance. */
  mayResend(extended: number, nowMs: number): boolean {
    if (nowMs - this.#resendSinceMs >= 1000) {
      this.#resendLeft = Math.max(RESEND_FLOOR, this.packetsSent - this.#packetsBefore);
      this.#packetsBefore = this.packetsSent;
      this.#resendSinceMs = nowMs;
    }
    if (this.#repeatOf.length === 0) this.#openRepeats();
    const cell = extended & (REPEAT_CELLS - 1);
    if (this.#repeatOf[cell] === extended && nowMs - this.#repeatMs[cell] < REPEAT_MS) return false;
    if (this.#resendLeft <= 0) return false;
    this.#resendLeft--;
    this.#repeatOf[cell] = extended;
    this.#repeatMs[cell] = nowMs;
    return true;
  }

  #openRepeats(): void {
    this.#repeatOf = new Float64Array(REPEAT_CELLS);
    this.#repeatMs = new Float64Array(REPEAT_CELLS);
  }
}

function leave(list: Sender[], sender: Sender): void {
  const at = list.indexOf(sender);
  if (at < 0) return;
  // The order of a list is the order of sending: it must not change with every departure.
  for (let i = at; i < list.length - 1; i++) list[i] = list[i + 1];
  list.length--;
}
