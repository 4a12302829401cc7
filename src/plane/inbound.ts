// hot
import { compactNtp, ExtendedSequence, ReplayWindow } from "../rtp/mod.ts";
import { NackGenerator } from "./nack_generator.ts";
import { RateMeter } from "./rate_meter.ts";
import type { Receiver } from "./receiver.ts";
import type { Stream } from "./stream.ts";

/** RFC 3550 appendix A.1: how far numbers may jump ahead, and fall back, within one stream. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
/** Weight of the past in the average wait of packets. */
const AVERAGED_PACKETS = 16;

/** What `Inbound.judge` finds. */
export const GOES_ON = 0;
export const STRAYS = 1;
export const BEGINS_ANEW = 2;

/** One SSRC that a peer sends: its place in SRTP's index space and its reception statistics (RFC 3550 appendix A). */
export class Inbound {
  readonly ssrc: number;
  readonly receiver: Receiver;
  /** Simulcast layer by its rid, "" without. */
  readonly rid: string;
  /** True for an RTX stream (RFC 4588): its packets carry those of `repaired`. */
  readonly retransmission: boolean;
  /** Where its packets go; that of an RTX stream takes none. */
  readonly stream: Stream;
  /** For an RTX stream the media stream it repairs; null until that is known. */
  repaired: Inbound | null = null;
  /** Grows with each SSRC learned. */
  readonly order: number;
  readonly sequence = new ExtendedSequence();
  readonly replay = new ReplayWindow();
  readonly nack: NackGenerator | null;
  readonly rate = new RateMeter();

  packetsReceived = 0;
  bytesReceived = 0;
  keyframesReceived = 0;
  nackCount = 0;
  pliCount = 0;
  firCount = 0;
  lastPacketMs = 0;
  /** The peer said BYE for it. */
  left = false;

  /** It brings its parameter sets itself. */
  bringsSets = false;

  /** From a packet's arrival to the turn that takes it, on average. */
  waitMs = 0;

  /** Codec of the last packet and the clock of its timestamps. */
  codec = "";
  clockRate = 0;
  #keyframeTimestamp = -1;

  /** Interarrival jitter in clock units, times 16 (RFC 3550 appendix A.8). */
  #jitter16 = 0;
  #lastTransit = 0;
  /** Clock of `#lastTransit`, 0 for none yet: the first packet of a codec has nothing to be compared with. */
  #transitClockRate = 0;
  #firstExtended = -1;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #sequenceAfterJump = -1;
  /** Between the last two reports, in 1/256. */
  fractionLost = 0;

  /** From the last sender report; `reportArrivedMs` 0 for none yet. */
  reportArrivedMs = 0;
  reportNtpMs = 0;
  reportTimestamp = 0;
  reportCompactNtp = 0;

  constructor(
    ssrc: number,
    receiver: Receiver,
    stream: Stream,
    rid: string,
    retransmission: boolean,
    order: number,
  ) {
    this.ssrc = ssrc;
    this.receiver = receiver;
    this.stream = stream;
    this.rid = rid;
    this.retransmission = retransmission;
    this.order = order;
    this.nack = receiver.nackWanted && !retransmission ? new NackGenerator() : null;
  }

  /**
   * Whether a number goes on with the stream (RFC 3550 appendix A.1). One far from the highest does not; a second one
   * right after it begins the stream anew. For streams that nothing else tells a restart of.
   */
  judge(sequence: number, extended: number): number {
    const ahead = extended - this.sequence.highest;
    if (ahead <= MAX_DROPOUT && ahead >= -MAX_MISORDER) return GOES_ON;
    const expected = this.#sequenceAfterJump;
    this.#sequenceAfterJump = (sequence + 1) & 0xffff;
    return sequence === expected ? BEGINS_ANEW : STRAYS;
  }

  /** Counts a packet that came on this SSRC itself (not by RTX). */
  count(extended: number, timestamp: number, length: number, nowMs: number, arrivedMs: Float64Array): void {
    if (this.#firstExtended < 0) this.#firstExtended = extended;
    this.packetsReceived++;
    this.bytesReceived += length;
    this.rate.add(length);
    this.lastPacketMs = nowMs;
    this.left = false;
    // Both clocks are the system's, but one of them may have been set in between.
    const waitMs = Math.max(0, nowMs - arrivedMs[0]);
    this.waitMs += (waitMs - this.waitMs) / (this.packetsReceived === 1 ? 1 : AVERAGED_PACKETS);
    if (this.clockRate > 0) this.#measureJitter(timestamp, arrivedMs);
  }

  /** True for the first packet seen of a keyframe: several packets of one frame look like a start. */
  beginsKeyframe(timestamp: number): boolean {
    if (this.#keyframeTimestamp === timestamp) return false;
    this.#keyframeTimestamp = timestamp;
    this.keyframesReceived++;
    return true;
  }

  /** Keeps what the peer's sender report says about its clocks. */
  report(ntpSeconds: number, ntpFraction: number, ntpMs: number, timestamp: number, nowMs: number): void {
    this.reportArrivedMs = nowMs;
    this.reportNtpMs = ntpMs;
    this.reportTimestamp = timestamp;
    this.reportCompactNtp = compactNtp(ntpSeconds, ntpFraction);
  }

  /** Packets expected so far (RFC 3550 appendix A.3). */
  expected(): number {
    return this.#firstExtended < 0 ? 0 : this.sequence.highest - this.#firstExtended + 1;
  }

  /** Expected packets that did not come on this SSRC; what RTX repaired still counts as lost (RFC 4588 section 5). */
  packetsLost(): number {
    return this.expected() - this.packetsReceived;
  }

  /** Measures the loss since the last call into `fractionLost` (RFC 3550 appendix A.3). */
  takeFractionLost(): void {
    const expected = this.expected();
    const expectedNow = expected - this.#expectedPrior;
    const lostNow = expectedNow - (this.packetsReceived - this.#receivedPrior);
    this.#expectedPrior = expected;
    this.#receivedPrior = this.packetsReceived;
    const lost = expectedNow <= 0 || lostNow <= 0 ? 0 : Math.floor(lostNow * 256 / expectedNow);
    this.fractionLost = Math.min(255, lost);
  }

  /** In clock units. */
  jitter(): number {
    return this.#jitter16 >>> 4;
  }

  #measureJitter(timestamp: number, arrivedMs: Float64Array): void {
    // Only differences of transit matter, so both clocks may wrap at 32 bits.
    const arrival = (arrivedMs[0] * this.clockRate / 1000) % 4294967296;
    const transit = (arrival - timestamp) | 0;
    if (this.#transitClockRate === this.clockRate) {
      const difference = Math.abs((transit - this.#lastTransit) | 0);
      this.#jitter16 += difference - ((this.#jitter16 + 8) >> 4);
    }
    this.#lastTransit = transit;
    this.#transitClockRate = this.clockRate;
  }
}
