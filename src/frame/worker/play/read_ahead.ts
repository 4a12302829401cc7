import { Packet } from "node-av/lib";
import { asFault, type MediaFault } from "./media_fault.ts";
import { type TimeBase, timesOf } from "./packet_times.ts";

/** What waits at most, whatever its times are. */
const MAX_BYTES = 16_000_000;

/** What of a source is read ahead. */
export interface PacketSource {
  read(packet: Packet): Promise<boolean>;
  seek(positionMs: number): Promise<boolean>;
  streamOf(packet: Packet): { timeBase: TimeBase } | null;
}

interface Waiting {
  packet: Packet;
  seconds: number;
}

/** Reads a source up to `aheadMs` before its time, so that a hesitation of the network is not seen; 0 reads when asked. */
export class ReadAhead {
  readonly #source: PacketSource;
  readonly #aheadSeconds: number;
  readonly #queue: Waiting[] = [];
  #bytes = 0;
  #reading: Promise<void> | null = null;
  #isEnding = false;
  #isAtEnd = false;
  #fault: MediaFault | null = null;
  #wakeReader: (() => void) | null = null;
  #wakeTaker: (() => void) | null = null;

  constructor(source: PacketSource, aheadMs: number) {
    this.#source = source;
    this.#aheadSeconds = aheadMs / 1000;
  }

  /** The next packet, when it is there; false at the end. Throws MediaFault after what was read before it. */
  async read(packet: Packet): Promise<boolean> {
    if (this.#aheadSeconds === 0) return await this.#source.read(packet);
    if (!this.#isAtEnd) this.#reading ??= this.#run();
    while (this.#queue.length === 0 && !this.#isAtEnd) {
      await new Promise<void>((resolve) => this.#wakeTaker = resolve);
    }
    const next = this.#queue.shift();
    if (!next) {
      if (this.#fault) throw this.#fault;
      return false;
    }
    this.#bytes -= next.packet.size;
    packet.ref(next.packet);
    next.packet.free();
    this.#wakeReader?.();
    return true;
  }

  /** See MediaSource.seek. */
  async seek(positionMs: number): Promise<boolean> {
    await this.close();
    this.#isEnding = this.#isAtEnd = false;
    this.#fault = null;
    return await this.#source.seek(positionMs);
  }

  /** Ends reading, when the read in work is over, and forgets what waits. */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.#wakeReader?.();
    await this.#reading;
    this.#reading = null;
    for (const { packet } of this.#queue.splice(0)) packet.free();
    this.#bytes = 0;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isEnding && await this.#readOne()) await this.#room();
    } catch (error) {
      this.#fault = asFault(error);
    }
    this.#isAtEnd = true;
    this.#wakeTaker?.();
  }

  async #readOne(): Promise<boolean> {
    const packet = new Packet();
    packet.alloc();
    let isRead = false;
    try {
      isRead = await this.#source.read(packet);
    } finally {
      if (!isRead) packet.free();
    }
    if (!isRead) return false;
    const stream = this.#source.streamOf(packet);
    const lastSeconds = this.#queue.at(-1)?.seconds ?? 0;
    const seconds = stream ? timesOf(packet, stream, lastSeconds).decoded : lastSeconds;
    this.#queue.push({ packet, seconds });
    this.#bytes += packet.size;
    this.#wakeTaker?.();
    return true;
  }

  async #room(): Promise<void> {
    while (!this.#isEnding && this.#isFull()) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
  }

  #isFull(): boolean {
    if (this.#queue.length === 0) return false;
    const span = this.#queue.at(-1)!.seconds - this.#queue[0].seconds;
    return Math.abs(span) > this.#aheadSeconds || this.#bytes > MAX_BYTES;
  }
}
