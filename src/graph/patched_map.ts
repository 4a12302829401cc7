/** A patch larger than the square root of its base is merged: a change costs that much at most, on the average. */
const leastPatch = 16;

/**
 * A map that is never changed in place and yet cheap to derive from another: a large base that versions share, and the
 * few entries that differ. A viewer who joins a pipeline of thousands must not cost a copy of thousands. Keeps the order
 * of insertion as Map does.
 */
export class PatchedMap<Value> implements ReadonlyMap<string, Value> {
  readonly size: number;
  readonly #base: ReadonlyMap<string, Value>;
  readonly #puts: ReadonlyMap<string, Value>;
  readonly #gone: ReadonlySet<string>;

  constructor(
    base: ReadonlyMap<string, Value>,
    puts: ReadonlyMap<string, Value>,
    gone: ReadonlySet<string>,
    size: number,
  ) {
    this.#base = base;
    this.#puts = puts;
    this.#gone = gone;
    this.size = size;
  }

  /** What an edit of this map starts from. */
  get parts() {
    return { base: this.#base, puts: this.#puts, gone: this.#gone };
  }

  get(key: string): Value | undefined {
    return this.#puts.get(key) ?? (this.#gone.has(key) ? undefined : this.#base.get(key));
  }

  has(key: string): boolean {
    return this.#puts.has(key) || (this.#base.has(key) && !this.#gone.has(key));
  }

  *entries(): MapIterator<[string, Value]> {
    for (const [key, value] of this.#base) {
      if (!this.#gone.has(key)) yield [key, this.#puts.get(key) ?? value];
    }
    for (const entry of this.#puts) {
      if (!this.#base.has(entry[0]) || this.#gone.has(entry[0])) yield entry;
    }
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}

/** Changes to a map that become another one; the map they started from stays as it is. No value is undefined. */
export class MapEdit<Value> {
  readonly #start: ReadonlyMap<string, Value>;
  readonly #base: ReadonlyMap<string, Value>;
  readonly #puts: Map<string, Value>;
  readonly #gone: Set<string>;
  #size: number;
  #touched = false;

  constructor(start: ReadonlyMap<string, Value>) {
    const parts = start instanceof PatchedMap ? (start as PatchedMap<Value>).parts : null;
    this.#start = start;
    this.#base = parts?.base ?? start;
    this.#puts = new Map(parts?.puts);
    this.#gone = new Set(parts?.gone);
    this.#size = start.size;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#puts.get(key) ?? (this.#gone.has(key) ? undefined : this.#base.get(key));
  }

  has(key: string): boolean {
    return this.#puts.has(key) || (this.#base.has(key) && !this.#gone.has(key));
  }

  set(key: string, value: Value): void {
    if (!this.has(key)) this.#size++;
    this.#puts.set(key, value);
    this.#touched = true;
  }

  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#puts.delete(key);
    if (this.#base.has(key)) this.#gone.add(key);
    this.#size--;
    return this.#touched = true;
  }

  /** The map with its changes, or the one it started from when there were none. The edit must not be used after that. */
  done(): ReadonlyMap<string, Value> {
    if (!this.#touched) return this.#start;
    const patch = this.#puts.size + this.#gone.size;
    if (patch > leastPatch && patch * patch > this.#base.size) return this.#merged();
    return new PatchedMap(this.#base, this.#puts, this.#gone, this.#size);
  }

  #merged(): ReadonlyMap<string, Value> {
    const merged = new Map(this.#base);
    for (const key of this.#gone) merged.delete(key);
    for (const [key, value] of this.#puts) merged.set(key, value);
    return merged;
  }
}
