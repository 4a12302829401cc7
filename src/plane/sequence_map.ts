// hot
/** Left-out packets remembered: late packets older than all of them are given up. */
const BOUNDARIES = 32;
const NONE = new Float64Array(0);

/**
 * Extended sequence numbers of one incoming stream to those of the source that it feeds. Packets that are not passed
 * on (padding that a sender uses to probe the path) can be left out without a hole, so that viewers see no loss:
 * everything behind a left-out packet moves forward by one, and late packets before it keep their own shift.
 */
export class SequenceMap {
  /** Made with the first that is left out: most streams have none, or no packets at all. */
  #leftOut = NONE;
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
    for (let i = this.#count - 1; i >= 0 && input <= this.#leftOut[i]; i--) {
      if (input === this.#leftOut[i]) return -1;
      back++;
    }
    return input + this.#shift + back;
  }

  /** Leaves `input` out if it is newer than everything mapped so far; else false and it must be passed on. */
  leaveOut(input: number): boolean {
    if (input <= this.#highest) return false;
    if (this.#leftOut.length === 0) this.#openBoundaries();
    if (this.#count === BOUNDARIES) this.#forgetOldest();
    this.#leftOut[this.#count++] = input;
    this.#highest = input;
    this.#shift--;
    return true;
  }

  #openBoundaries(): void {
    this.#leftOut = new Float64Array(BOUNDARIES);
  }

  #forgetOldest(): void {
    this.#floor = this.#leftOut[0] + 1;
    this.#leftOut.copyWithin(0, 1);
    this.#count--;
  }
}
