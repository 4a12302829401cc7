import { ssnPlus } from "./serial.ts";

/** A message to be sent, and how much trouble it is worth (RFC 3758). */
export interface OutgoingMessage {
  streamId: number;
  ordered: boolean;
  ppid: number;
  /** At least one byte. */
  payload: Uint8Array;
  /** Null: as often as it takes. */
  maxRetransmits: number | null;
  /** Null: as long as it takes. */
  expiresAtMs: number | null;
}

/** A message on its way. */
export interface StartedMessage extends OutgoingMessage {
  /** 0 when unordered. */
  ssn: number;
  /** Bytes of the payload that fragments were made of. */
  takenBytes: number;
  /** It was given up: no part of it is sent any more. */
  abandoned: boolean;
}

export interface Fragment {
  message: StartedMessage;
  first: boolean;
  last: boolean;
  payload: Uint8Array;
}

/**
 * Messages that wait to be sent. A message once begun is sent to its end, because its fragments have TSNs in a row;
 * between messages the streams take turns, so that a busy one holds up no other for longer than that.
 */
export class OutgoingMessages {
  /** In the order in which it is their turn; never an empty list. */
  readonly #waiting = new Map<number, OutgoingMessage[]>();
  readonly #nextSsns = new Map<number, number>();
  #current: StartedMessage | null = null;

  push(message: OutgoingMessage): void {
    const list = this.#waiting.get(message.streamId);
    if (list) list.push(message);
    else this.#waiting.set(message.streamId, [message]);
  }

  /** True while something of this stream has not been sent once. */
  has(streamId: number): boolean {
    return this.#current?.streamId === streamId || this.#waiting.has(streamId);
  }

  /** Numbers of the stream begin at 0 again. */
  restart(streamId: number): void {
    this.#nextSsns.delete(streamId);
  }

  /**
   * Bytes of the next fragment, 0 when nothing waits. Messages that are too late are dropped on the way; `dropped`
   * hears of each.
   */
  nextBytes(mostBytes: number, nowMs: number, dropped: (message: OutgoingMessage) => void): number {
    const message = this.#begin(nowMs, dropped);
    return message ? Math.min(mostBytes, message.payload.length - message.takenBytes) : 0;
  }

  /** The next fragment, which `nextBytes` said is there. */
  take(bytes: number): Fragment {
    const message = this.#current!;
    const first = message.takenBytes === 0;
    const payload = message.payload.subarray(message.takenBytes, message.takenBytes + bytes);
    message.takenBytes += bytes;
    const last = message.takenBytes === message.payload.length;
    if (last) this.#current = null;
    return { message, first, last, payload };
  }

  #begin(nowMs: number, dropped: (message: OutgoingMessage) => void): StartedMessage | null {
    if (this.#current?.abandoned) this.#current = null;
    while (!this.#current) {
      const message = this.#shift();
      if (!message) return null;
      if (message.expiresAtMs !== null && message.expiresAtMs <= nowMs) dropped(message);
      else this.#current = { ...message, ssn: this.#number(message), takenBytes: 0, abandoned: false };
    }
    return this.#current;
  }

  #shift(): OutgoingMessage | null {
    for (const [streamId, list] of this.#waiting) {
      this.#waiting.delete(streamId);
      const message = list.shift()!;
      if (list.length > 0) this.#waiting.set(streamId, list);
      return message;
    }
    return null;
  }

  #number({ streamId, ordered }: OutgoingMessage): number {
    if (!ordered) return 0;
    const ssn = this.#nextSsns.get(streamId) ?? 0;
    this.#nextSsns.set(streamId, ssnPlus(ssn, 1));
    return ssn;
  }
}
