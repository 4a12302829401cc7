// hot
/** Marks a cell that never held an entry; probing ends there. */
const EMPTY = -1;

/**
 * Remote address and port to a small number, by open addressing with linear probing in typed arrays.
 * Deletion shifts later entries back, so that there are no tombstones and probing stays short.
 */
export class AddressTable {
  readonly #mask: number;
  readonly #capacity: number;
  readonly #words: Uint32Array;
  readonly #ports: Uint16Array;
  readonly #values: Int32Array;
  count = 0;

  /** Room for `capacity` entries; the table is at most half full. */
  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.#mask = size - 1;
    this.#capacity = capacity;
    this.#words = new Uint32Array(size * 4);
    this.#ports = new Uint16Array(size);
    this.#values = new Int32Array(size).fill(EMPTY);
  }

  /** The number stored for the four words at `at` and `port`, or -1. */
  find(words: Uint32Array, at: number, port: number): number {
    return this.#values[this.#cellOf(words, at, port)];
  }

  /** Stores `value` (0 or more) for an address, replacing what was there. False when the table is full. */
  set(words: Uint32Array, at: number, port: number, value: number): boolean {
    const cell = this.#cellOf(words, at, port);
    if (this.#values[cell] === EMPTY) {
      if (this.count === this.#capacity) return false;
      this.count++;
    }
    for (let i = 0; i < 4; i++) this.#words[cell * 4 + i] = words[at + i];
    this.#ports[cell] = port;
    this.#values[cell] = value;
    return true;
  }

  /** Forgets an address; false when it was not there. */
  delete(words: Uint32Array, at: number, port: number): boolean {
    let hole = this.#cellOf(words, at, port);
    if (this.#values[hole] === EMPTY) return false;
    this.count--;
    let cell = hole;
    for (;;) {
      cell = (cell + 1) & this.#mask;
      if (this.#values[cell] === EMPTY) break;
      const home = hash(this.#words, cell * 4, this.#ports[cell]) & this.#mask;
      // The entry may move into the hole only if its home does not lie between the two.
      if (((cell - home) & this.#mask) < ((cell - hole) & this.#mask)) continue;
      this.#move(cell, hole);
      hole = cell;
    }
    this.#values[hole] = EMPTY;
    return true;
  }

  #cellOf(words: Uint32Array, at: number, port: number): number {
    let cell = hash(words, at, port) & this.#mask;
    while (this.#values[cell] !== EMPTY && !this.#holds(cell, words, at, port)) {
      cell = (cell + 1) & this.#mask;
    }
    return cell;
  }

  #holds(cell: number, words: Uint32Array, at: number, port: number): boolean {
    const own = cell * 4;
    const mine = this.#words;
    return this.#ports[cell] === port && mine[own + 3] === words[at + 3] && mine[own + 2] === words[at + 2] &&
      mine[own + 1] === words[at + 1] && mine[own] === words[at];
  }

  #move(from: number, to: number): void {
    this.#words.copyWithin(to * 4, from * 4, from * 4 + 4);
    this.#ports[to] = this.#ports[from];
    this.#values[to] = this.#values[from];
  }
}

/** Mixes all five words with multiplications (the constants are odd and dense in bits) so that ports alone spread well. */
function hash(words: Uint32Array, at: number, port: number): number {
  let mixed = Math.imul(words[at + 3] ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(port + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ words[at + 2] ^ (mixed >>> 15), 0x27d4eb2f);
  mixed = Math.imul(mixed ^ words[at + 1] ^ (mixed >>> 13), 0x165667b1);
  mixed = Math.imul(mixed ^ words[at] ^ (mixed >>> 16), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
