import { Packet } from "node-av/lib";
import { asFault, type MediaFault } from "./media_fault.ts";
import { type TimeBase, timesOf } from "./packet_times.ts";

/** What waits at most, whatever its times are. */
const MAX_BYTES = 16_000_000;
/** FFmpeg's own writers wait as long for a stream that lags behind another (max_interleave_delta). */
const MAX_APART_SECONDS = 10;

/** What of a source is read ahead. */
export interface PacketSource {
  /** It has two streams, and gives seconds of the one before it gives those of the other. */
  readonly isMixed: boolean;
  read(packet: Packet): Promise<boolean>;
  seek(positionMs: number): Promise<boolean>;
  streamOf(packet: Packet): { timeBase: TimeBase } | null;
}

type PacketStream = ReturnType<PacketSource["streamOf"]>;

interface Waiting {
  packet: Packet;
  stream: PacketStream;
  seconds: number;
  /** The time of its stream went back: what was before it stays before it. */
  isBack: boolean;
}

/**
 * Reads a source up to `aheadMs` before its time, so that a hesitation of the network is not seen; 0 reads when asked.
 * What is mixed comes in order of its decode times.
 */
export class ReadAhead {
  readonly #source: PacketSource;
  readonly #isMixed: boolean;
  readonly #aheadSeconds: number;
  readonly #queue: Waiting[] = [];
  /** Time of the last packet of each stream. */
  readonly #lastSeconds = new Map<PacketStream, number>();
  #bytes = 0;
  #reading: Promise<void> | null = null;
  #isEnding = false;
  #isAtEnd = false;
  #fault: MediaFault | null = null;
  #wakeReader: (() => void) | null = null;
  #wakeTaker: (() => void) | null = null;

  constructor(source: PacketSource, aheadMs: number) {
    this.#source = source;
    this.#isMixed = source.isMixed;
    this.#aheadSeconds = aheadMs / 1000;
  }

  /** The next packet, when it is there; false at the end. Throws MediaFault after what was read before it. */
  async read(packet: Packet): Promise<boolean> {
    if (this.#aheadSeconds === 0 && !this.#isMixed) return await this.#source.read(packet);
    if (!this.#isAtEnd) this.#reading ??= this.#run();
    while (!this.#isReady() && !this.#isAtEnd) {
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
    this.#lastSeconds.clear();
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
    this.#enqueue(packet);
    this.#wakeTaker?.();
    return true;
  }

  #enqueue(packet: Packet): void {
    const stream = this.#source.streamOf(packet);
    const last = this.#lastSeconds.get(stream);
    const latest = last ?? this.#queue.at(-1)?.seconds ?? 0;
    const seconds = stream ? timesOf(packet, stream, latest).decoded : latest;
    const waiting = { packet, stream, seconds, isBack: last !== undefined && seconds < last };
    this.#lastSeconds.set(stream, seconds);
    this.#queue.splice(this.#isMixed ? this.#placeOf(waiting) : this.#queue.length, 0, waiting);
    this.#bytes += packet.size;
  }

  /** Behind all that is not later. */
  #placeOf({ seconds, isBack }: Waiting): number {
    let place = this.#queue.length;
    if (isBack) return place;
    while (place > 0 && this.#queue[place - 1].seconds > seconds && !this.#queue[place - 1].isBack) place--;
    return place;
  }

  async #room(): Promise<void> {
    while (!this.#isEnding && this.#isReady() && this.#isFull()) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
  }

  /** Whether the first is what comes next: of what is mixed, that shows when the other stream has come as far. */
  #isReady(): boolean {
    if (this.#queue.length === 0) return false;
    if (!this.#isMixed || this.#bytes > MAX_BYTES || this.#span > MAX_APART_SECONDS) return true;
    return this.#queue.some(({ stream }) => stream !== this.#queue[0].stream);
  }

  #isFull(): boolean {
    return this.#span > this.#aheadSeconds || this.#bytes > MAX_BYTES;
  }

  get #span(): number {
    return Math.abs(this.#queue.at(-1)!.seconds - this.#queue[0].seconds);
  }
}
