import { limits } from "../limits.ts";
import type { DataChunk, ForwardTsn } from "./chunk.ts";
import { SctpFailure } from "./failure.ts";
import { ssnDistance, ssnPlus, tsnDistance, tsnPlus } from "./serial.ts";

/** A message that has come whole. */
export interface IncomingMessage {
  streamId: number;
  ppid: number;
  payload: Uint8Array;
}

interface OrderedStream {
  nextSsn: number;
  /** Whole messages that came before their turn, by number. */
  early: Map<number, IncomingMessage>;
}

/** What a fragment costs besides its payload, so that tiny ones cannot fill the memory. */
const OVERHEAD_BYTES = 64;

/** Makes messages of fragments and puts the ordered ones in order (RFC 9260 sections 6.5 and 6.9). */
export class Reassembly {
  readonly #fragments = new Map<number, DataChunk>();
  readonly #streams = new Map<number, OrderedStream>();
  #heldBytes = 0;

  /** What is held back now, overhead included. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a fragment that has not come before and gives what can be delivered. Throws SctpFailure. */
  add(chunk: DataChunk): IncomingMessage[] {
    if (chunk.first && chunk.last) return this.#deliver(chunk, chunk.payload);
    this.#fragments.set(chunk.tsn, chunk);
    this.#heldBytes += cost(chunk.payload);
    const last = this.#walk(chunk, 1);
    const first = last && this.#walk(chunk, -1);
    if (!first || !last) return [];
    return this.#deliver(first, this.#take(first.tsn, last.tsn));
  }

  /** Gives up what the sender gave up, and gives what waited for it. */
  forward(forward: ForwardTsn): IncomingMessage[] {
    for (const [tsn, { payload }] of this.#fragments) {
      if (tsnDistance(tsn, forward.cumulativeTsn) < 0) continue;
      this.#fragments.delete(tsn);
      this.#heldBytes -= cost(payload);
    }
    return forward.skipped.flatMap(({ streamId, ssn }) => this.#skip(streamId, ssn));
  }

  /** The other side begins these streams anew; null for all. */
  reset(streamIds: number[] | null): void {
    for (const streamId of streamIds ?? [...this.#streams.keys()]) {
      for (const message of this.#streams.get(streamId)?.early.values() ?? []) {
        this.#heldBytes -= cost(message.payload);
      }
      this.#streams.delete(streamId);
    }
  }

  /** Follows the message of `chunk` to its first (-1) or last (1) fragment; null when one between has not come. */
  #walk(chunk: DataChunk, step: 1 | -1): DataChunk | null {
    let at = chunk;
    while (!(step === 1 ? at.last : at.first)) {
      const next = this.#fragments.get(tsnPlus(at.tsn, step));
      if (!next) return null;
      const isSame = next.streamId === chunk.streamId && next.unordered === chunk.unordered &&
        (chunk.unordered || next.ssn === chunk.ssn) && !(step === 1 ? next.first : next.last);
      if (!isSame) throw new SctpFailure("the fragments of a message do not belong together");
      at = next;
    }
    return at;
  }

  #take(firstTsn: number, lastTsn: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (
      let tsn = firstTsn;
      parts.at(-1) === undefined || tsnDistance(tsn, lastTsn) >= 0;
      tsn = tsnPlus(tsn, 1)
    ) {
      const { payload } = this.#fragments.get(tsn)!;
      this.#fragments.delete(tsn);
      this.#heldBytes -= cost(payload);
      parts.push(payload);
    }
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #deliver(chunk: DataChunk, payload: Uint8Array): IncomingMessage[] {
    const message = { streamId: chunk.streamId, ppid: chunk.ppid, payload };
    if (chunk.unordered) return [message];
    const stream = this.#stream(chunk.streamId);
    const ahead = ssnDistance(stream.nextSsn, chunk.ssn);
    if (ahead < 0 || stream.early.has(chunk.ssn)) return [];
    stream.early.set(chunk.ssn, message);
    this.#heldBytes += cost(payload);
    return ahead === 0 ? this.#due(stream) : [];
  }

  /** The messages whose turn has come. */
  #due(stream: OrderedStream): IncomingMessage[] {
    const due: IncomingMessage[] = [];
    for (;;) {
      const message = stream.early.get(stream.nextSsn);
      if (!message) return due;
      stream.early.delete(stream.nextSsn);
      this.#heldBytes -= cost(message.payload);
      stream.nextSsn = ssnPlus(stream.nextSsn, 1);
      due.push(message);
    }
  }

  /** Waits no more for messages up to `ssn`; those of them that have come whole are delivered. */
  #skip(streamId: number, ssn: number): IncomingMessage[] {
    const stream = this.#stream(streamId);
    if (ssnDistance(stream.nextSsn, ssn) < 0) return [];
    const due: IncomingMessage[] = [];
    for (const [early, message] of [...stream.early].sort(([a], [b]) => ssnDistance(b, a))) {
      if (ssnDistance(early, ssn) < 0) continue;
      stream.early.delete(early);
      this.#heldBytes -= cost(message.payload);
      due.push(message);
    }
    stream.nextSsn = ssnPlus(ssn, 1);
    return [...due, ...this.#due(stream)];
  }

  #stream(streamId: number): OrderedStream {
    let stream = this.#streams.get(streamId);
    if (!stream) {
      if (this.#streams.size >= limits.sctpStreams) throw new SctpFailure("too many streams are in use");
      stream = { nextSsn: 0, early: new Map() };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }
}

const cost = (payload: Uint8Array) => payload.length + OVERHEAD_BYTES;
