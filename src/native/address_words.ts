// hot
/**
 * Turns addresses into bigints without allocating: an address goes in as two 32-bit halves and comes out as an element
 * of a BigUint64Array, which optimised code hands to a foreign function as a plain register.
 */
export class AddressWords {
  /** Arguments for foreign calls, by index. */
  readonly at: BigUint64Array;
  readonly #halves: Uint32Array;

  constructor(count: number) {
    this.at = new BigUint64Array(count);
    this.#halves = new Uint32Array(this.at.buffer);
  }

  /** Sets argument `index` to `address`, a whole number below 2^53. */
  set(index: number, address: number): void {
    this.#halves[2 * index] = address;
    this.#halves[2 * index + 1] = address / 4294967296;
  }
}
