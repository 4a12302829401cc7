import { createLog } from "../../base/mod.ts";
import { MAX_MESSAGE_CHARACTERS, MAX_RUNNING, MAX_UNREAD_BYTES, MAX_WAITING } from "./settings.ts";

const log = createLog("kurento");

/** The socket of a connection, as far as this door cares. */
export interface Wire {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** Answers a message by way of `connection.send`; never throws. */
export type Receiver = (connection: Connection, text: string) => Promise<void>;

/** One client's socket: its messages in, in order and not too many at a time, and texts out, while it reads them. */
export class Connection {
  /** The session whose events go here. */
  sessionId: string | null = null;
  readonly #wire: Wire;
  readonly #receive: Receiver;
  readonly #waiting: string[] = [];
  #running = 0;
  #open = true;

  constructor(wire: Wire, receive: Receiver) {
    this.#wire = wire;
    this.#receive = receive;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Takes a message. Kurento reads binary ones as text too, and its client for Node sends such. Those that are too long
   * or too many are the end of the connection (RFC 6455 section 7.4.1).
   */
  take(message: string | ArrayBuffer): void {
    const isText = typeof message === "string";
    const length = isText ? message.length : message.byteLength;
    if (length > MAX_MESSAGE_CHARACTERS) return this.close(1009, "The message is too long");
    if (this.#waiting.length >= MAX_WAITING) return this.close(1008, "Too many requests at once");
    // What is no UTF-8 becomes a text that is no JSON.
    this.#waiting.push(isText ? message : new TextDecoder().decode(message));
    this.#runNext();
  }

  send(text: string): void {
    if (!this.#open) return;
    try {
      this.#wire.send(text);
    } catch {
      // The socket broke under it; its end is told by the socket.
      return this.end();
    }
    if (this.#wire.bufferedAmount <= MAX_UNREAD_BYTES) return;
    log.warn("a client does not read what it is sent and is closed", { sessionId: this.sessionId });
    this.close(1008, "Too much is left unread");
  }

  close(code: number, reason: string): void {
    if (!this.#open) return;
    this.end();
    try {
      this.#wire.close(code, reason);
    } catch {
      // It is closed already.
    }
  }

  /** The socket is over. Requests that run go on, and nobody hears their answers. */
  end(): void {
    this.#open = false;
    this.#waiting.length = 0;
  }

  #runNext(): void {
    while (this.#open && this.#running < MAX_RUNNING && this.#waiting.length > 0) {
      this.#running++;
      void this.#receive(this, this.#waiting.shift()!).finally(() => {
        this.#running--;
        this.#runNext();
      });
    }
  }
}
