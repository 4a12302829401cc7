import { Association } from "../../src/peer/sctp/association.ts";
import { type LinkOptions, LossyLink } from "./lossy_link.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** One side of a pair, with everything it said. */
export interface SctpEnd {
  association: Association;
  messages: { streamId: number; ppid: number; payload: Uint8Array }[];
  incomingResets: (number[] | null)[];
  outgoingResets: number[][];
  ended: string[];
  /** Every packet it sent, lost or not. */
  sent: Uint8Array[];
}

/** Two associations on one virtual clock with a link each way. */
export class SctpPair {
  readonly clock = new VirtualClock();
  readonly a: SctpEnd;
  readonly b: SctpEnd;
  readonly toB: LossyLink<Uint8Array>;
  readonly toA: LossyLink<Uint8Array>;
  /** Nothing passes while it is true. */
  cut = false;

  constructor(link: Omit<LinkOptions, "seed"> = {}, seed = 1) {
    this.toB = new LossyLink({ delayMs: 5, ...link, seed });
    this.toA = new LossyLink({ delayMs: 5, ...link, seed: seed + 1000 });
    this.a = this.#end(() => this.toB);
    this.b = this.#end(() => this.toA);
  }

  /** Both begin, and time passes until both stand. */
  connect(): this {
    this.a.association.start();
    this.b.association.start();
    this.runUntil(() => [this.a, this.b].every((end) => end.association.state === "established"), 40_000);
    return this;
  }

  /** Moves on in steps of a millisecond. */
  run(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.clock.advance(1);
      for (const packet of this.toB.receive(this.clock.now())) this.b.association.receive(packet);
      for (const packet of this.toA.receive(this.clock.now())) this.a.association.receive(packet);
    }
  }

  /** Moves on until `condition` holds; gives the milliseconds that it took, or throws. */
  runUntil(condition: () => boolean, mostMs: number): number {
    for (let ms = 0; ms <= mostMs; ms += 5) {
      if (condition()) return ms;
      this.run(5);
    }
    throw new Error(`it did not come about within ${mostMs} ms`);
  }

  #end(link: () => LossyLink<Uint8Array>): SctpEnd {
    const end = {
      messages: [] as SctpEnd["messages"],
      incomingResets: [] as SctpEnd["incomingResets"],
      outgoingResets: [] as number[][],
      ended: [] as string[],
      sent: [] as Uint8Array[],
    };
    const association = new Association({ local: 5000, remote: 5000 }, this.clock, {
      send: (packet) => {
        end.sent.push(packet);
        if (!this.cut) link().send(packet.slice(), this.clock.now());
      },
      established: () => {},
      message: (message) => end.messages.push(message),
      incomingReset: (streamIds) => end.incomingResets.push(streamIds),
      outgoingReset: (streamIds) => end.outgoingResets.push(streamIds),
      ended: (detail) => end.ended.push(detail),
    });
    return { association, ...end };
  }
}

/** A message on stream 0, reliable and ordered where nothing else is said. */
export function message(payload: Uint8Array, other: Partial<Parameters<Association["send"]>[0]> = {}) {
  return { streamId: 0, ordered: true, ppid: 53, payload, maxRetransmits: null, expiresAtMs: null, ...other };
}

/** Bytes that differ from those of another length or salt. */
export function pattern(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8) + salt);
}
