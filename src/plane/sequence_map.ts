// hot
/** Changes of the shift remembered: late packets older than all of them are given up. */
const BOUNDARIES = 32;
const NONE = new Float64Array(0);

/**
 * Extended sequence numbers of one incoming stream to those of the source that it feeds. Packets that are not passed
 * on (padding that a sender uses to probe the path) can be left out without a hole, so that viewers see no loss:
 * everything behind a left-out packet moves forward by one, and late packets before it keep their own shift. In the same
 * way room is made for packets that the publisher did not send.
 */
export class SequenceMap {
  /** Input numbers behind which the shift is another, and what it rose by there: -1 where that packet is left out. */
  #boundaries = NONE;
  /** Made with the first: most streams have none, or no packets at all. */
  #rises = NONE;
  #count = 0;
  #shift = 0;
  #floor = 0;
  #highest = -1;

  /** From now on, input `from` is output `to`; anything before `from` is too old. */
  start(from: number, to: number): void {
    this.#shift = to - from;
    this.#floor = from;
    this.#highest = from - 1;
    this.#count = 0;
  }

  /** Output number for `input`, or -1 when it is older than the map reaches or was left out. */
  outputOf(input: number): number {
    if (input > this.#highest) {
      this.#highest = input;
      return input + this.#shift;
    }
    if (input < this.#floor) return -1;
    let back = 0;
    for (let i = this.#count - 1; i >= 0 && input <= this.#boundaries[i]; i--) {
      if (input === this.#boundaries[i] && this.#rises[i] < 0) return -1;
      back += this.#rises[i];
    }
    return input + this.#shift - back;
  }

  /** Leaves `input` out if it is newer than everything mapped so far; else false and it must be passed on. */
  leaveOut(input: number): boolean {
    if (input <= this.#highest) return false;
    this.#rise(input, -1);
    this.#highest = input;
    return true;
  }

  /**
   * Makes room for `count` packets before `input`, the newest so far; the output number of the first of them, or -1 where
   * there can be none because later packets have gone through.
   */
  makeRoomBefore(input: number, count: number): number {
    if (input <= this.#highest) return -1;
    const first = input + this.#shift;
    this.#rise(input - 1, count);
    return first;
  }

  /** From now on numbers behind `input` are higher by `by`. */
  #rise(input: number, by: number): void {
    if (this.#boundaries.length === 0) this.#openBoundaries();
    if (this.#count === BOUNDARIES) this.#forgetOldest();
    this.#boundaries[this.#count] = input;
    this.#rises[this.#count++] = by;
    this.#shift += by;
  }

  #openBoundaries(): void {
    this.#boundaries = new Float64Array(BOUNDARIES);
    this.#rises = new Float64Array(BOUNDARIES);
  }

  #forgetOldest(): void {
    this.#floor = Math.max(this.#floor, this.#boundaries[0] + 1);
    this.#boundaries.copyWithin(0, 1);
    this.#rises.copyWithin(0, 1);
    this.#count--;
  }
}
