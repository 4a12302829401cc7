import { Buffer } from "node:buffer";
import type { Socket } from "node:dgram";
import { systemClock } from "../base/mod.ts";
import type { UdpCounters } from "./types.ts";

/** Datagrams that may stand in line: the part of the socket buffer that the other twin has in the kernel. */
const LINE_LENGTH = 4096;

/** Datagrams sent before the event loop gets its turn. Deno calls back in the same turn, so without it nothing is received. */
const TURN_LENGTH = 32;

interface Outgoing {
  bytes: Uint8Array;
  address: string;
  port: number;
}

/**
 * Sends datagrams one after another. `node:dgram` under Deno 2.9.6 turns the order of sends round that are under way at
 * once, which a receiver takes for loss; so the next one waits for the callback of the one before.
 */
export class OrderedSender {
  readonly #socket: Socket;
  readonly #counters: UdpCounters;
  readonly #line: Outgoing[] = [];
  #sending = false;
  #sentInTurn = 0;

  constructor(socket: Socket, counters: UdpCounters) {
    this.#socket = socket;
    this.#counters = counters;
  }

  send(outgoing: Outgoing): void {
    if (outgoing.port === 0 || this.#line.length === LINE_LENGTH) {
      this.#counters.packetsUnsent++;
      return;
    }
    this.#line.push(outgoing);
    if (!this.#sending) this.#sendNext();
  }

  /** Forgets what stands in line. */
  close(): void {
    this.#line.length = 0;
  }

  #sendNext(): void {
    const next = this.#line.shift();
    this.#sending = next !== undefined;
    if (next === undefined) return;
    this.#counters.sendCalls++;
    this.#socket.send(Buffer.from(next.bytes.buffer), next.port, next.address, (error) => {
      this.#count(next.bytes.length, error);
      this.#sentInTurn++;
      if (this.#sentInTurn < TURN_LENGTH) return this.#sendNext();
      this.#sentInTurn = 0;
      systemClock.after(0, () => this.#sendNext());
    });
  }

  #count(length: number, error: Error | null): void {
    if (error) {
      this.#counters.packetsUnsent++;
      return;
    }
    this.#counters.packetsSent++;
    this.#counters.bytesSent += length;
  }
}
