const SIZE = 64;

/** The anti-replay window of RFC 6347 section 4.1.2.6 over 48-bit record sequence numbers. */
export class ReplayWindow {
  #highest = -1;
  /** Bit i: the record `#highest - i` came already. */
  #seen = 0n;

  /** True for a record that did not come before; notes it. Call only with authentic records. */
  take(sequence: number): boolean {
    if (sequence > this.#highest) {
      const shift = Math.min(sequence - this.#highest, SIZE);
      this.#seen = BigInt.asUintN(SIZE, this.#seen << BigInt(shift)) | 1n;
      this.#highest = sequence;
      return true;
    }
    const age = this.#highest - sequence;
    if (age >= SIZE || (this.#seen >> BigInt(age) & 1n) === 1n) return false;
    this.#seen |= 1n << BigInt(age);
    return true;
  }
}
