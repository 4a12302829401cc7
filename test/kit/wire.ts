/** The bytes of a text of hexadecimal digits; blanks are for the reader. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/** A repeatable source of numbers from 0 up to (not including) `limit`: xorshift32. */
export function seededNumbers(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** `bytes` that throw when an element outside [offset, offset + length) is read. */
export function guarded(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^-?\d+$/.test(key)) {
        const at = Number(key);
        if (at < offset || at >= offset + length) throw new RangeError(`read at ${at}`);
        return target[at];
      }
      return Reflect.get(target, key, target);
    },
  });
}
