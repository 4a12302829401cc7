/** Cuts a byte stream into messages; `lengthOf` tells how long the next one is. */
export class StreamFrames {
  #held: Uint8Array = new Uint8Array(0);
  #broken = false;

  /**
   * @param headerBytes bytes that `lengthOf` needs to see
   * @param lengthOf length in bytes of the whole message that begins at `at`; 0 when none can begin so
   */
  constructor(
    readonly headerBytes: number,
    readonly maxBytes: number,
    readonly lengthOf: (bytes: Uint8Array, at: number) => number,
  ) {}

  /** Gives every message that is whole now; false when the stream cannot be understood any more. */
  push(chunk: Uint8Array, take: (message: Uint8Array) => void): boolean {
    if (this.#broken) return false;
    const bytes = this.#held.length === 0 ? chunk : joined(this.#held, chunk);
    let at = 0;
    while (bytes.length - at >= this.headerBytes) {
      const length = this.lengthOf(bytes, at);
      if (length < this.headerBytes || length > this.maxBytes) {
        this.#broken = true;
        this.#held = new Uint8Array(0);
        return false;
      }
      if (bytes.length - at < length) break;
      take(bytes.subarray(at, at + length));
      at += length;
    }
    // What is held is shorter than one message, so it stays bounded.
    this.#held = bytes.slice(at);
    return true;
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/** RFC 4571: two bytes of length, then the packet. */
export function rfc4571Frames(maxBytes: number): StreamFrames {
  return new StreamFrames(2, maxBytes + 2, (bytes, at) => 2 + (bytes[at] << 8 | bytes[at + 1]));
}

/** TURN on a stream: STUN messages and ChannelData, the latter padded to four bytes (RFC 8656 section 12.5). */
export function turnFrames(maxBytes: number): StreamFrames {
  return new StreamFrames(4, maxBytes, (bytes, at) => {
    const length = bytes[at + 2] << 8 | bytes[at + 3];
    if (bytes[at] < 0x40) return 20 + length;
    return bytes[at] <= 0x4f ? 4 + length + (-length & 3) : 0;
  });
}

/** The packet with its length before it (RFC 4571). */
export function framed(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + bytes.length);
  frame[0] = bytes.length >>> 8;
  frame[1] = bytes.length;
  frame.set(bytes, 2);
  return frame;
}
