import { limits } from "../limits.ts";
import type { DataChunk, ForwardTsn, Sack } from "./chunk.ts";
import { SctpFailure } from "./failure.ts";
import { type IncomingMessage, Reassembly } from "./reassembly.ts";
import { ReceivedTsns } from "./received_tsns.ts";
import { tsnDistance, tsnPlus } from "./serial.ts";

/** Duplicates told in one SACK. */
const DUPLICATES_TOLD = 16;

/** The receiving half: what has come, what it makes, and how urgent it is to say so (RFC 9260 section 6.2). */
export class Receiver {
  readonly #tsns: ReceivedTsns;
  readonly #reassembly = new Reassembly();
  #duplicates: number[] = [];
  /** Packets with new data since the last SACK. */
  #packetsUntold = 0;
  #urgent = false;

  constructor(initialTsn: number) {
    this.#tsns = new ReceivedTsns(initialTsn);
  }

  get cumulativeTsn(): number {
    return this.#tsns.cumulative;
  }

  /** "now": two packets wait for it, or something is amiss; "later": within the delay; "none": all is told. */
  get sackDue(): "none" | "later" | "now" {
    if (this.#urgent || this.#packetsUntold >= 2) return "now";
    return this.#packetsUntold === 1 ? "later" : "none";
  }

  /** A packet with DATA was read to its end. */
  packetDone(): void {
    this.#packetsUntold++;
    if (this.#tsns.hasGaps) this.#urgent = true;
  }

  /** Takes a fragment and gives what can be delivered. Throws SctpFailure. */
  take(chunk: DataChunk): IncomingMessage[] {
    if (chunk.immediate) this.#urgent = true;
    if (this.#tsns.has(chunk.tsn)) {
      this.#urgent = true;
      if (this.#duplicates.length < DUPLICATES_TOLD) this.#duplicates.push(chunk.tsn);
      return [];
    }
    if (!this.#tsns.fits(chunk.tsn) || !this.#hasRoomFor(chunk)) {
      this.#urgent = true;
      return [];
    }
    this.#tsns.add(chunk.tsn);
    return this.#reassembly.add(chunk);
  }

  /** The sender gave up everything up to a TSN. Throws SctpFailure. */
  forward(forward: ForwardTsn): IncomingMessage[] {
    this.#urgent = true;
    if (tsnDistance(this.#tsns.cumulative, forward.cumulativeTsn) <= 0) return [];
    this.#tsns.forward(forward.cumulativeTsn);
    return this.#reassembly.forward(forward);
  }

  reset(streamIds: number[] | null): void {
    this.#reassembly.reset(streamIds);
  }

  /** The acknowledgement as of now; it counts as told. */
  sack(): { sack: Sack; duplicates: number[] } {
    const duplicates = this.#duplicates;
    this.#duplicates = [];
    this.#packetsUntold = 0;
    this.#urgent = false;
    const windowBytes = Math.max(0, limits.sctpReceiveBytes - this.#reassembly.heldBytes);
    return {
      sack: { cumulativeTsn: this.#tsns.cumulative, windowBytes, gaps: this.#tsns.gaps() },
      duplicates,
    };
  }

  /**
   * The next TSN in line is always taken, because it may set free what is held; when even that has no end, the other
   * side has sent what can never be delivered.
   */
  #hasRoomFor(chunk: DataChunk): boolean {
    const held = this.#reassembly.heldBytes;
    if (held < limits.sctpReceiveBytes) return true;
    const isNext = chunk.tsn === tsnPlus(this.#tsns.cumulative, 1);
    if (isNext && held > 2 * limits.sctpReceiveBytes) {
      throw new SctpFailure("what came can never be delivered");
    }
    return isNext;
  }
}
