import { randomBytes } from "node:crypto";
import type { Clock } from "../../base/mod.ts";
import { Retransmission } from "../ice/retransmission.ts";
import { encodeTurn, longTermKey, type ReceivedTurn, type TurnMessage, verifyTurn } from "./message.ts";

/** The way to one TURN server. */
export interface TurnLink {
  /** The transport itself repeats what is lost. */
  readonly reliable: boolean;
  /** Sends one message or one ChannelData. */
  send(bytes: Uint8Array): void;
  close(): void;
}

export type TurnRequest = Omit<TurnMessage, "kind" | "transactionId" | "username" | "realm" | "nonce">;

interface Open {
  request: TurnRequest;
  /** Times that the server wanted other credentials or a fresh nonce. */
  refusals: number;
  key: Uint8Array | null;
  retransmission: Retransmission;
  done(reply: TurnMessage | null): void;
}

/** Requests to one TURN server that wait for their response, with the long-term credentials (RFC 8489 section 9.2). */
export class TurnTransactions {
  readonly #open = new Map<string, Open>();
  #realm: string | null = null;
  #nonce = "";
  #key: Uint8Array | null = null;

  constructor(
    readonly link: TurnLink,
    readonly clock: Clock,
    readonly credentials: { username: string; credential: string },
  ) {}

  /** Sends a request; `done` gets the server's authentic answer, success or error, or null when none came. */
  request(request: TurnRequest, done: (reply: TurnMessage | null) => void): void {
    this.#begin(request, 0, done);
  }

  /** Takes a response; what nobody asked for, or was not signed with our key, is dropped. */
  receive(message: ReceivedTurn, bytes: Uint8Array): void {
    const open = this.#open.get(message.transactionId);
    if (!open || open.request.method !== message.method) return;
    if (message.kind !== "success" && message.kind !== "error") return;
    const challenge = message.kind === "error" && (message.errorCode === 401 || message.errorCode === 438);
    const authentic = open.key === null ? message.kind === "error" : verifyTurn(bytes, message, open.key);
    if (!authentic && !challenge) return;
    this.#forget(message.transactionId, open);
    if (challenge && this.#learn(message, open)) {
      return this.#begin(open.request, open.refusals + 1, open.done);
    }
    open.done(message);
  }

  /** Forgets all requests without telling who asked. */
  close(): void {
    for (const [transactionId, open] of this.#open) this.#forget(transactionId, open);
  }

  #begin(request: TurnRequest, refusals: number, done: Open["done"]): void {
    const transactionId = randomBytes(12).toString("hex");
    const { username } = this.credentials;
    const identity = this.#key === null ? {} : { username, realm: this.#realm!, nonce: this.#nonce };
    const bytes = encodeTurn({ ...request, kind: "request", transactionId, ...identity }, this.#key);
    const { reliable } = this.link;
    const retransmission = new Retransmission(this.clock, reliable, () => this.link.send(bytes), () => {
      this.#forget(transactionId, open);
      done(null);
    });
    const open: Open = { request, refusals, key: this.#key, retransmission, done };
    this.#open.set(transactionId, open);
    retransmission.start();
  }

  /** Takes realm and nonce from a refusal; false when trying again cannot help. */
  #learn(message: TurnMessage, open: Open): boolean {
    const { realm, nonce, errorCode } = message;
    if (nonce === undefined || open.refusals >= 2) return false;
    // A nonce gets stale; a 401 to a signed request says that the credentials are wrong.
    if (errorCode === 401 && open.key !== null) return false;
    if (this.#realm === null && realm === undefined) return false;
    this.#nonce = nonce;
    if (this.#realm === null) {
      this.#realm = realm!;
      this.#key = longTermKey(this.credentials.username, this.#realm, this.credentials.credential);
    }
    return true;
  }

  #forget(transactionId: string, open: Open): void {
    open.retransmission.cancel();
    this.#open.delete(transactionId);
  }
}
