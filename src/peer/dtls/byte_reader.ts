import { HandshakeFailure } from "./failure.ts";

/** Reads big-endian fields of a handshake message; throws HandshakeFailure decode_error past the end. */
export class ByteReader {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** An unsigned number of 1 to 4 bytes. */
  uint(size: number): number {
    let value = 0;
    for (const byte of this.take(size)) value = value * 256 + byte;
    return value;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new HandshakeFailure("decode_error", "a handshake message is cut short");
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  /** A vector with a length prefix of `size` bytes (RFC 5246 section 4.3). */
  vector(size: number): Uint8Array {
    return this.take(this.uint(size));
  }

  /** Throws when bytes are left: a message ends where its fields end. */
  end(): void {
    if (this.left > 0) {
      throw new HandshakeFailure("decode_error", "a handshake message is longer than its fields");
    }
  }

  /** A vector of 16-bit numbers with a length prefix of `size` bytes. */
  numbers(size: number): number[] {
    const inner = new ByteReader(this.vector(size));
    const numbers: number[] = [];
    while (inner.left > 0) numbers.push(inner.uint(2));
    return numbers;
  }
}

/** `value` as `size` big-endian bytes. */
export function uint(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = value & 0xff;
    value = Math.floor(value / 256);
  }
  return bytes;
}

/** `parts` behind their length in `size` bytes. */
export function vector(size: number, ...parts: Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(uint(body.length, size), body);
}

export function join(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
