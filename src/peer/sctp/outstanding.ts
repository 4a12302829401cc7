import type { ForwardTsn, Sack } from "./chunk.ts";
import type { Fragment } from "./outgoing_messages.ts";
import { tsnDistance, tsnPlus } from "./serial.ts";

/** A fragment that was sent and is not acknowledged by the cumulative TSN yet. */
export interface SentChunk extends Fragment {
  tsn: number;
  sentAtMs: number;
  transmissions: number;
  acknowledged: boolean;
  /** To be sent again. */
  lost: boolean;
  /** Acknowledgements that showed a hole here. */
  misses: number;
  /** Was sent again because of misses: that is done once, then the timer decides (RFC 9260 section 7.2.4). */
  repaired: boolean;
}

/** What one SACK told that was not known before. */
export interface Acknowledgement {
  /** The cumulative TSN went ahead. */
  advanced: boolean;
  /** Payload bytes acknowledged for the first time. */
  bytes: number;
  /** Of the newest fragment that was sent only once; null when there is none. */
  roundTripMs: number | null;
  /** Something was found lost. */
  lost: boolean;
  /** Fragments that need no more attention. */
  done: SentChunk[];
}

const MISSES_OF_A_LOSS = 3;
/** Streams named in one FORWARD TSN, so that it fits into a packet. */
const SKIPPED_STREAMS = 256;

/** Fragments on their way, by TSN. */
export class Outstanding {
  /** Their TSNs follow each other; the first is the one after the cumulative TSN. */
  #chunks: SentChunk[] = [];
  #nextTsn: number;
  #flightBytes = 0;
  #lostCount = 0;

  constructor(initialTsn: number) {
    this.#nextTsn = initialTsn;
  }

  get nextTsn(): number {
    return this.#nextTsn;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Payload bytes sent, neither acknowledged nor lost nor given up. */
  get flightBytes(): number {
    return this.#flightBytes;
  }

  add(fragment: Fragment, nowMs: number): SentChunk {
    const chunk: SentChunk = {
      ...fragment,
      tsn: this.#nextTsn,
      sentAtMs: nowMs,
      transmissions: 1,
      acknowledged: false,
      lost: false,
      misses: 0,
      repaired: false,
    };
    this.#nextTsn = tsnPlus(this.#nextTsn, 1);
    this.#chunks.push(chunk);
    this.#flightBytes += fragment.payload.length;
    return chunk;
  }

  /** Takes a SACK; null when it is old or about what was never sent. `recovering`: a loss is being repaired. */
  acknowledge(sack: Sack, nowMs: number, recovering: boolean): Acknowledgement | null {
    const cumulative = tsnPlus(this.#nextTsn, -1 - this.#chunks.length);
    const ahead = tsnDistance(cumulative, sack.cumulativeTsn);
    if (ahead < 0 || ahead > this.#chunks.length) return null;
    const told: Acknowledgement = { advanced: ahead > 0, bytes: 0, roundTripMs: null, lost: false, done: [] };
    for (let index = 0; index < ahead; index++) this.#note(this.#chunks[index], told, nowMs);
    told.done = this.#chunks.splice(0, ahead);
    const highest = this.#takeGaps(sack.gaps, told, nowMs);
    const reported = Math.min(sack.gaps.at(-1)?.end ?? 0, this.#chunks.length);
    told.lost = this.#countMisses(recovering && told.advanced ? reported : highest);
    return told;
  }

  /** Marks everything that is not acknowledged by the cumulative TSN as lost. */
  loseAll(): void {
    for (const chunk of this.#chunks) {
      if (chunk.message.abandoned) continue;
      // Gaps may be taken back (RFC 9260 section 6.2.1); the next SACK tells them again.
      if (chunk.acknowledged) {
        chunk.acknowledged = false;
        this.#flightBytes += chunk.payload.length;
      }
      this.#lose(chunk);
    }
  }

  /** Those to be sent again, first ones first. */
  *lostChunks(): Generator<SentChunk> {
    if (this.#lostCount === 0) return;
    for (const chunk of this.#chunks) if (chunk.lost) yield chunk;
  }

  /** A lost chunk goes out again. */
  resent(chunk: SentChunk, nowMs: number): void {
    chunk.lost = false;
    this.#lostCount--;
    chunk.transmissions++;
    chunk.misses = 0;
    chunk.sentAtMs = nowMs;
    this.#flightBytes += chunk.payload.length;
  }

  /** Gives up the whole message of `chunk`. */
  abandon(chunk: SentChunk): void {
    chunk.message.abandoned = true;
    for (const other of this.#chunks) {
      if (other.message !== chunk.message || other.acknowledged) continue;
      if (other.lost) {
        other.lost = false;
        this.#lostCount--;
      } else this.#flightBytes -= other.payload.length;
      // It counts for nothing any more, and nothing is to be said about it again.
      other.acknowledged = true;
    }
  }

  /** What to tell about messages given up at the head of the line (RFC 3758 section 3.5 A5); null when none are. */
  forwardTsn(): ForwardTsn | null {
    const skipped = new Map<number, number>();
    let count = 0;
    for (const { message } of this.#chunks) {
      if (!message.abandoned || skipped.size >= SKIPPED_STREAMS) break;
      if (message.ordered) skipped.set(message.streamId, message.ssn);
      count++;
    }
    if (count === 0) return null;
    return {
      cumulativeTsn: tsnPlus(this.#nextTsn, count - 1 - this.#chunks.length),
      skipped: [...skipped].map(([streamId, ssn]) => ({ streamId, ssn })),
    };
  }

  #note(chunk: SentChunk, told: Acknowledgement, nowMs: number): void {
    if (chunk.acknowledged) return;
    chunk.acknowledged = true;
    told.bytes += chunk.payload.length;
    if (chunk.lost) {
      chunk.lost = false;
      this.#lostCount--;
    } else this.#flightBytes -= chunk.payload.length;
    if (chunk.transmissions === 1) told.roundTripMs = nowMs - chunk.sentAtMs;
  }

  /** Gives how many chunks stand up to the highest one that is acknowledged for the first time. */
  #takeGaps(gaps: Sack["gaps"], told: Acknowledgement, nowMs: number): number {
    let highest = 0;
    for (const { start, end } of gaps) {
      for (let index = start - 1; index < Math.min(end, this.#chunks.length); index++) {
        if (!this.#chunks[index].acknowledged) highest = index + 1;
        this.#note(this.#chunks[index], told, nowMs);
      }
    }
    return highest;
  }

  /** Counts a miss for each hole among the first `count` chunks; true when one of them is lost by that. */
  #countMisses(count: number): boolean {
    let lost = false;
    for (let index = 0; index < count; index++) {
      const chunk = this.#chunks[index];
      if (chunk.acknowledged || chunk.lost || ++chunk.misses < MISSES_OF_A_LOSS || chunk.repaired) continue;
      chunk.repaired = true;
      this.#lose(chunk);
      lost = true;
    }
    return lost;
  }

  #lose(chunk: SentChunk): void {
    if (chunk.lost) return;
    chunk.lost = true;
    this.#lostCount++;
    this.#flightBytes -= chunk.payload.length;
  }
}
