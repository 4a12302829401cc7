import { join, uint } from "./byte_reader.ts";
import { limits } from "../limits.ts";

/** RFC 5246 section 7.4 and RFC 6347 section 4.3.2. */
export const HANDSHAKE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** One whole handshake message. */
export interface HandshakeMessage {
  type: number;
  /** message_seq. */
  sequence: number;
  /** Epoch of the record it came in. */
  epoch: number;
  body: Uint8Array;
}

const HEADER_BYTES = 12;

/** The message with the header of a single fragment: as it is sent, and as the transcript takes it. */
export function encodeMessage(message: Pick<HandshakeMessage, "type" | "sequence" | "body">): Uint8Array {
  const { type, sequence, body } = message;
  return join(uint(type, 1), uint(body.length, 3), uint(sequence, 2), uint(0, 3), uint(body.length, 3), body);
}

/** The message of `encodeMessage` in fragments with at most `bodyBytes` of it each (RFC 6347 section 4.2.3). */
export function splitMessage(message: Uint8Array, bodyBytes: number): Uint8Array[] {
  const body = message.subarray(HEADER_BYTES);
  if (body.length <= bodyBytes) return [message];
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += bodyBytes) {
    const part = body.subarray(at, at + bodyBytes);
    // Type, length of the whole and message_seq are the same in each.
    fragments.push(join(message.subarray(0, 6), uint(at, 3), uint(part.length, 3), part));
  }
  return fragments;
}

interface Partial {
  type: number;
  epoch: number;
  body: Uint8Array;
  /** Fragments may overlap, so bytes are marked one by one. */
  have: Uint8Array;
  missing: number;
}

/** Puts fragments together and messages into order (RFC 6347 sections 4.2.2 and 4.2.3). */
export class Reassembly {
  #next = 0;
  #closed = false;
  readonly #partials = new Map<number, Partial>();

  /** message_seq of the message that is due. */
  get due(): number {
    return this.#next;
  }

  /** The handshake is over: nothing is put together any more, only repetitions are still seen. */
  close(): void {
    this.#closed = true;
    this.#partials.clear();
  }

  /** Takes the handshake fragments of one record; gives the lowest message_seq that was had already, or Infinity. */
  push(fragment: Uint8Array, epoch: number): number {
    let repeated = Infinity;
    const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.byteLength);
    let at = 0;
    while (at + HEADER_BYTES <= fragment.length) {
      const total = view.getUint32(at) & 0xffffff;
      const sequence = view.getUint16(at + 4);
      const offset = view.getUint32(at + 5) & 0xffffff;
      const length = view.getUint32(at + 8) & 0xffffff;
      const end = at + HEADER_BYTES + length;
      if (end > fragment.length || offset + length > total || total > limits.handshakeMessageBytes) {
        return repeated;
      }
      const body = fragment.subarray(at + HEADER_BYTES, end);
      if (sequence < this.#next) repeated = Math.min(repeated, sequence);
      else this.#take(view.getUint8(at), sequence, epoch, total, offset, body);
      at = end;
    }
    return repeated;
  }

  /** The next message in order when it is whole. */
  next(): HandshakeMessage | null {
    const partial = this.#partials.get(this.#next);
    if (!partial || partial.missing > 0) return null;
    this.#partials.delete(this.#next);
    return { type: partial.type, sequence: this.#next++, epoch: partial.epoch, body: partial.body };
  }

  #take(
    type: number,
    sequence: number,
    epoch: number,
    total: number,
    offset: number,
    body: Uint8Array,
  ): void {
    if (this.#closed || sequence >= this.#next + limits.handshakeMessagesAhead) return;
    // An empty piece of a message brings nothing, and would cost the memory of the whole.
    if (body.length === 0 && total > 0) return;
    let partial = this.#partials.get(sequence);
    if (!partial || partial.type !== type || partial.epoch !== epoch || partial.body.length !== total) {
      partial = { type, epoch, body: new Uint8Array(total), have: new Uint8Array(total), missing: total };
      this.#partials.set(sequence, partial);
    }
    for (let i = 0; i < body.length; i++) {
      if (partial.have[offset + i] === 0) partial.missing--;
      partial.have[offset + i] = 1;
      partial.body[offset + i] = body[i];
    }
  }
}
