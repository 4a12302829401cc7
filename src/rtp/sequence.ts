// hot

const CYCLE = 65536;

/** How far the 16-bit number `a` is ahead of `b`, by the shorter way round: -32768–32767. */
export function sequenceDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far the 32-bit RTP timestamp `a` is ahead of `b`, by the shorter way round: -2^31–2^31-1. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0;
}

/** The 32-bit roll-over counter (RFC 3711 section 3.3.1) of an extended sequence number; -1 before the first cycle. */
export function rolloverOf(extended: number): number {
  return Math.floor(extended / CYCLE);
}

/** The 16 bits that an extended sequence number has on the wire. */
export function low16(extended: number): number {
  // Exact beyond 32 bits and below zero too: a bit operator reduces modulo 2^32 first, and 2^16 divides that.
  return extended & 0xffff;
}

/** Unwraps 16-bit sequence numbers into ones that keep growing, up to 2^48. */
export class ExtendedSequence {
  /** The highest extended number recorded by `update`; -1 before the first. */
  highest = -1;

  /**
   * The extended form of `seq` that lies nearest to the highest one (exactly half a cycle away counts as behind).
   * Negative for one that lies before the start of the first cycle. Changes nothing: for SRTP the guess holds only
   * once the packet is authentic.
   */
  unwrap(seq: number): number {
    const highest = this.highest;
    return highest < 0 ? seq : highest + sequenceDelta(seq, low16(highest));
  }

  /** Records a result of `unwrap`. */
  update(extended: number): void {
    if (extended > this.highest) this.highest = extended;
  }
}

/** The sliding window of RFC 3711 section 3.3.2 over packet indices (0–2^48-1). */
export class ReplayWindow {
  readonly #mask: number;
  readonly #seen: Int32Array;
  #highest = -1;

  /** `size` indices, a power of two from 64 up. */
  constructor(size = 1024) {
    this.#mask = size - 1;
    this.#seen = new Int32Array(size >>> 5);
  }

  /** True for an index that is neither recorded nor older than the window. */
  accepts(index: number): boolean {
    if (index > this.#highest) return true;
    if (index < 0 || this.#highest - index > this.#mask) return false;
    const bit = index & this.#mask;
    return ((this.#seen[bit >>> 5] >>> (bit & 31)) & 1) === 0;
  }

  /** Marks an accepted index, after its packet proved authentic. */
  record(index: number): void {
    if (index > this.#highest) this.#moveTo(index);
    const bit = index & this.#mask;
    this.#seen[bit >>> 5] |= 1 << (bit & 31);
  }

  #moveTo(index: number): void {
    const steps = index - this.#highest;
    if (steps > this.#mask) this.#seen.fill(0);
    else for (let i = 1; i <= steps; i++) this.#clear((this.#highest + i) & this.#mask);
    this.#highest = index;
  }

  #clear(bit: number): void {
    this.#seen[bit >>> 5] &= ~(1 << (bit & 31));
  }
}
