import type { Clock, Timer } from "../../base/mod.ts";
import { CHUNK, dataFlags, dataHead, type Sack, writeForwardTsn } from "./chunk.ts";
import { Congestion } from "./congestion.ts";
import { type OutgoingMessage, OutgoingMessages } from "./outgoing_messages.ts";
import { Outstanding, type SentChunk } from "./outstanding.ts";
import { PACKET_BYTES, type PacketWriter } from "./packet.ts";
import { RetransmissionTimeout } from "./retransmission_timeout.ts";
import { tsnDistance, tsnPlus } from "./serial.ts";

/** Payload of a full packet: without common header and DATA header. */
const FRAGMENT_BYTES = PACKET_BYTES - 28;
/** What a message costs besides its payload, so that tiny ones cannot fill the memory. */
const OVERHEAD_BYTES = 64;
/** Time-outs in a row after which the other side counts as gone (RFC 9260 section 8.1). */
const MOST_TIME_OUTS = 10;

/** What both sides said of themselves, as far as sending depends on it. */
export interface SenderTerms {
  initialTsn: number;
  remoteWindowBytes: number;
  /** The other side understands FORWARD TSN; without it every message is reliable. */
  partialReliability: boolean;
}

/** What a sender tells its association. */
export interface SenderHost {
  /** The timer ran out and lost chunks wait: flush. */
  timedOut(): void;
  failed(detail: string): void;
}

/** The sending half: messages, fragments, what is on its way, how fast, and what to give up. */
export class Sender {
  readonly timeout = new RetransmissionTimeout();
  readonly #outgoing = new OutgoingMessages();
  readonly #outstanding: Outstanding;
  readonly #congestion: Congestion;
  #remoteWindowBytes: number;
  #bufferedBytes = 0;
  #timer: Timer | null = null;
  #timeOuts = 0;
  /** Highest TSN of the losses that are being repaired; null when none are. */
  #recoverUntil: number | null = null;
  /** A loss was found just now: its first fragment goes out whatever the window says. */
  #repairNow = false;
  /** Last cumulative TSN told by FORWARD TSN. */
  #forwarded: number;

  constructor(readonly terms: SenderTerms, readonly clock: Clock, readonly host: SenderHost) {
    this.#outstanding = new Outstanding(terms.initialTsn);
    this.#congestion = new Congestion(terms.remoteWindowBytes);
    this.#remoteWindowBytes = terms.remoteWindowBytes;
    this.#forwarded = tsnPlus(terms.initialTsn, -1);
  }

  /** What was given to `send` and has not arrived yet, overhead included. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get nextTsn(): number {
    return this.#outstanding.nextTsn;
  }

  /** True while something of this stream has not been sent once. */
  hasUnsent(streamId: number): boolean {
    return this.#outgoing.has(streamId);
  }

  restartStream(streamId: number): void {
    this.#outgoing.restart(streamId);
  }

  /** Takes a message; it goes out by `flush`. */
  send(message: OutgoingMessage): void {
    this.#bufferedBytes += message.payload.length + OVERHEAD_BYTES;
    this.#outgoing.push(message);
  }

  acknowledge(sack: Sack): void {
    const nowMs = this.clock.now();
    const flightBefore = this.#outstanding.flightBytes;
    const told = this.#outstanding.acknowledge(sack, nowMs, this.#recoverUntil !== null);
    if (!told) return;
    this.#remoteWindowBytes = sack.windowBytes;
    this.#timeOuts = 0;
    told.done.forEach((chunk) => this.#release(chunk));
    if (told.roundTripMs !== null) this.timeout.measured(told.roundTripMs);
    if (this.#recoverUntil !== null && tsnDistance(this.#recoverUntil, sack.cumulativeTsn) >= 0) {
      this.#recoverUntil = null;
    }
    if (told.lost) this.#onLoss();
    else if (told.advanced && this.#recoverUntil === null) {
      this.#congestion.acknowledged(told.bytes, flightBefore);
    }
    if (told.advanced) this.#stopTimer();
  }

  /** Puts into `writer` what may go out now. */
  flush(writer: PacketWriter): void {
    const nowMs = this.clock.now();
    const allowance = this.#congestion.allowance(this.#outstanding.flightBytes);
    this.#resend(writer, allowance, nowMs);
    this.#forward(writer);
    this.#sendNew(writer, allowance, nowMs);
    if (this.#outstanding.isEmpty) this.#stopTimer();
    else this.#timer ??= this.clock.after(this.timeout.ms, () => this.#onTimer());
  }

  close(): void {
    this.#stopTimer();
  }

  #resend(writer: PacketWriter, allowance: number, nowMs: number): void {
    for (const chunk of this.#outstanding.lostChunks()) {
      if (this.#isHopeless(chunk, nowMs)) {
        this.#abandon(chunk);
        continue;
      }
      if (this.#outstanding.flightBytes >= allowance && !this.#repairNow) return;
      this.#repairNow = false;
      this.#outstanding.resent(chunk, nowMs);
      this.#write(writer, chunk);
    }
    this.#repairNow = false;
  }

  #sendNew(writer: PacketWriter, allowance: number, nowMs: number): void {
    for (;;) {
      const flight = this.#outstanding.flightBytes;
      if (flight >= allowance) return;
      const bytes = this.#outgoing.nextBytes(FRAGMENT_BYTES, nowMs, (message) => {
        this.#bufferedBytes -= message.payload.length + OVERHEAD_BYTES;
      });
      // One fragment may always be on its way: it asks whether there is room again (RFC 9260 section 6.1 A).
      if (bytes === 0 || (flight > 0 && flight + bytes > this.#remoteWindowBytes)) return;
      this.#write(writer, this.#outstanding.add(this.#outgoing.take(bytes), nowMs));
    }
  }

  #write(writer: PacketWriter, { tsn, message, first, last, payload }: SentChunk): void {
    const { streamId, ssn, ppid, ordered } = message;
    const head = dataHead({ tsn, streamId, ssn, ppid });
    writer.add(CHUNK.data, dataFlags({ unordered: !ordered, first, last }), head, payload);
  }

  #forward(writer: PacketWriter): void {
    const forward = this.#outstanding.forwardTsn();
    if (!forward || forward.cumulativeTsn === this.#forwarded) return;
    this.#forwarded = forward.cumulativeTsn;
    writer.add(CHUNK.forwardTsn, 0, writeForwardTsn(forward));
  }

  #isHopeless({ message, transmissions }: SentChunk, nowMs: number): boolean {
    if (!this.terms.partialReliability) return false;
    const isTooOften = message.maxRetransmits !== null && transmissions > message.maxRetransmits;
    return isTooOften || (message.expiresAtMs !== null && message.expiresAtMs <= nowMs);
  }

  #abandon(chunk: SentChunk): void {
    const { payload, takenBytes } = chunk.message;
    this.#outstanding.abandon(chunk);
    // The part that is never sent: the rest is released as its TSNs are passed.
    if (takenBytes < payload.length) this.#bufferedBytes -= payload.length - takenBytes + OVERHEAD_BYTES;
  }

  #release({ payload, last }: SentChunk): void {
    this.#bufferedBytes -= payload.length + (last ? OVERHEAD_BYTES : 0);
  }

  #onLoss(): void {
    this.#repairNow = true;
    if (this.#recoverUntil !== null) return;
    this.#recoverUntil = tsnPlus(this.#outstanding.nextTsn, -1);
    this.#congestion.lost();
  }

  #onTimer(): void {
    this.#timer = null;
    if (++this.#timeOuts > MOST_TIME_OUTS) {
      return this.host.failed("nothing was acknowledged for too long");
    }
    this.timeout.backOff();
    this.#congestion.timedOut();
    this.#recoverUntil = null;
    this.#outstanding.loseAll();
    this.#forwarded = tsnPlus(this.terms.initialTsn, -1);
    this.host.timedOut();
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
