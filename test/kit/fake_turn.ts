import type { SocketAddress } from "../../src/base/mod.ts";
import {
  encodeTurn,
  longTermKey,
  parseTurn,
  type ReceivedTurn,
  type TurnMessage,
  verifyTurn,
} from "../../src/peer/relay/message.ts";
import type { TurnLink } from "../../src/peer/relay/transactions.ts";

export const turnCredentials = { username: "user", credential: "pass" };

/**
 * A TURN server in memory at the end of a link, and what it was asked. It wants long-term credentials; `answer` may be
 * replaced to have it answer in another way, or not at all (null).
 */
export class FakeTurn {
  realm = "realm";
  nonce = "nonce-1";
  relayed: SocketAddress = { address: "203.0.113.50", port: 50_000 };
  mapped: SocketAddress = { address: "198.51.100.7", port: 4000 };
  /** Requests in order, retransmissions included. */
  readonly requests: ReceivedTurn[] = [];
  /** Datagrams that the client sent to remote addresses. */
  readonly relayedOut: { to: SocketAddress | number; bytes: number[] }[] = [];
  closed = false;
  toClient: (bytes: Uint8Array) => void = () => {};
  answer: (request: ReceivedTurn) => Partial<TurnMessage> | null = () => ({ kind: "success" });
  readonly link: TurnLink;

  constructor(reliable = false) {
    this.link = { reliable, send: (bytes) => this.#take(bytes), close: () => this.closed = true };
  }

  /** How often each method was asked for. */
  get asked(): string[] {
    return this.requests.map(({ method }) => method);
  }

  get key(): Uint8Array {
    return longTermKey(turnCredentials.username, this.realm, turnCredentials.credential);
  }

  /** Sends what a remote address sent, as an indication. */
  dataFrom(peerAddress: SocketAddress, data: Uint8Array): void {
    const transactionId = "00".repeat(12);
    this.toClient(encodeTurn({ method: "data", kind: "indication", transactionId, peerAddress, data }, null));
  }

  /** Sends a response to this request, signed with `key`. */
  respond(request: ReceivedTurn, fields: Partial<TurnMessage>, key: Uint8Array | null = this.key): void {
    const { method, transactionId } = request;
    this.toClient(encodeTurn({ method, kind: "success", transactionId, ...fields }, key));
  }

  #take(bytes: Uint8Array): void {
    if (bytes[0] >= 0x40) {
      const length = bytes[2] << 8 | bytes[3];
      this.relayedOut.push({ to: bytes[0] << 8 | bytes[1], bytes: [...bytes.subarray(4, 4 + length)] });
      return;
    }
    const message = parseTurn(bytes);
    if (!message) throw new Error("The client sent what is no TURN");
    if (message.kind === "indication") {
      this.relayedOut.push({ to: message.peerAddress!, bytes: [...message.data!] });
    } else this.#onRequest(message, bytes);
  }

  #onRequest(request: ReceivedTurn, bytes: Uint8Array): void {
    this.requests.push(request);
    const fields = this.answer(request);
    if (fields === null) return;
    if (request.integrityAt < 0) {
      this.respond(request, { kind: "error", errorCode: 401, realm: this.realm, nonce: this.nonce }, null);
    } else if (!verifyTurn(bytes, request, this.key)) {
      this.respond(request, { kind: "error", errorCode: 401, realm: this.realm, nonce: this.nonce }, null);
    } else if (request.nonce !== this.nonce) {
      this.respond(request, { kind: "error", errorCode: 438, realm: this.realm, nonce: this.nonce }, null);
    } else this.respond(request, { ...this.#success(request), ...fields });
  }

  #success({ method, lifetime }: ReceivedTurn): Partial<TurnMessage> {
    if (method === "refresh") return { lifetime };
    if (method !== "allocate") return {};
    return { relayedAddress: this.relayed, mappedAddress: this.mapped, lifetime };
  }
}
