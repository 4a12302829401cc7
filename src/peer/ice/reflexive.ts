import { randomBytes } from "node:crypto";
import type { Clock, SocketAddress, Timer } from "../../base/mod.ts";
import { addressKey } from "./pair.ts";
import { Retransmission } from "./retransmission.ts";
import { encodeStun, type ReceivedStun } from "./stun.ts";

/** How long what a STUN server said is believed: NAT bindings live 30 s at least, mostly minutes (RFC 4787 REQ-5). */
const FRESH_MS = 60_000;
/** How often a kept mapping is asked for anew, which keeps the NAT's binding alive too. */
const KEEP_MS = 15_000;

interface Question {
  server: SocketAddress;
  transactionId: string;
  retransmission: Retransmission;
  asked: ((mapped: SocketAddress | null) => void)[];
}

/** Where STUN servers see the plane's port (RFC 8489 section 3). All peers of the plane share what is known. */
export class Reflexive {
  readonly #known = new Map<string, { mapped: SocketAddress; atMs: number }>();
  readonly #questions = new Map<string, Question>();
  readonly #byTransaction = new Map<string, Question>();
  #keeper: Timer | null = null;

  constructor(readonly clock: Clock, readonly send: (to: SocketAddress, bytes: Uint8Array) => void) {}

  /** What the server said not long ago, or null. */
  known(server: SocketAddress): SocketAddress | null {
    const known = this.#known.get(addressKey(server));
    return known && this.clock.now() - known.atMs < FRESH_MS ? known.mapped : null;
  }

  /** Asks the server; `done` gets null when it does not answer in time. Questions to one server are one. */
  ask(server: SocketAddress, done: (mapped: SocketAddress | null) => void): void {
    const key = addressKey(server);
    const open = this.#questions.get(key);
    if (open) return void open.asked.push(done);
    const transactionId = randomBytes(12).toString("hex");
    const bytes = encodeStun({ kind: "request", transactionId }, null);
    const retransmission = new Retransmission(
      this.clock,
      false,
      () => this.send(server, bytes),
      () => this.#answer(question, null),
    );
    const question: Question = { server, transactionId, retransmission, asked: [done] };
    this.#questions.set(key, question);
    this.#byTransaction.set(transactionId, question);
    retransmission.start();
  }

  /** Keeps the mapping known and alive until `close`. */
  keep(server: SocketAddress): void {
    this.ask(server, () => {});
    this.#keeper = this.clock.every(KEEP_MS, () => this.ask(server, () => {}));
  }

  /** Takes a response; false when it answers no question of ours, or does not come from the server that was asked. */
  take(from: SocketAddress, message: ReceivedStun): boolean {
    const question = this.#byTransaction.get(message.transactionId);
    if (!question || addressKey(from) !== addressKey(question.server)) return false;
    const mapped = message.kind === "success" ? message.mappedAddress : undefined;
    const key = addressKey(question.server);
    if (mapped) this.#known.set(key, { mapped, atMs: this.clock.now() });
    this.#answer(question, mapped ?? null);
    return true;
  }

  close(): void {
    this.#keeper?.cancel();
    for (const { retransmission } of this.#questions.values()) retransmission.cancel();
    this.#questions.clear();
    this.#byTransaction.clear();
  }

  #answer(question: Question, mapped: SocketAddress | null): void {
    question.retransmission.cancel();
    this.#questions.delete(addressKey(question.server));
    this.#byTransaction.delete(question.transactionId);
    for (const done of question.asked) done(mapped);
  }
}
