import { randomBytes } from "node:crypto";
import type { Clock, SocketAddress, Timer } from "../../base/mod.ts";
import { addressKey } from "../ice/pair.ts";
import { limits } from "../limits.ts";
import { encodeTurn, parseTurn, type TurnMessage } from "./message.ts";
import { type TurnLink, TurnTransactions } from "./transactions.ts";

export interface TurnCallbacks {
  /** There is a relayed address; `mapped` is where the server sees us. */
  allocated(relayed: SocketAddress, mapped: SocketAddress): void;
  /** A datagram for the relayed address. The bytes are valid during the call. */
  data(from: SocketAddress, bytes: Uint8Array): void;
  /** The allocation could not be had, or is lost; nothing is called after this. */
  ended(reason: string): void;
}

interface Channel {
  number: number;
  remote: SocketAddress;
  bound: boolean;
  /** Somebody sends there, so the binding is refreshed. */
  used: boolean;
}

/** Seconds that are asked for; servers may give less. */
const LIFETIME_S = 600;
/** A permission lives 300 s, a channel 600 s (RFC 8656 sections 9 and 12). */
const PERMISSION_REFRESH_MS = 240_000;
/** How long the link stays for the last request. */
const FAREWELL_MS = 100;
const FIRST_CHANNEL = 0x4000;
const LAST_CHANNEL = 0x4fff;

/**
 * A TURN client with one allocation (RFC 8656) over a link that somebody else opened.
 *
 *   allocating ──► allocated ──► ended       (allocating ──► ended)
 */
export class TurnClient {
  #state: "allocating" | "allocated" | "ended" = "allocating";
  #refreshTimer: Timer | null = null;
  #permissionTimer: Timer | null = null;
  readonly #transactions: TurnTransactions;
  /** By IP address: how many want it. */
  readonly #permissions = new Map<string, number>();
  readonly #channels = new Map<string, Channel>();
  readonly #byNumber = new Map<number, Channel>();

  constructor(
    credentials: { username: string; credential: string },
    readonly link: TurnLink,
    readonly clock: Clock,
    readonly callbacks: TurnCallbacks,
  ) {
    this.#transactions = new TurnTransactions(link, clock, credentials);
  }

  start(): void {
    this.#transactions.request(
      { method: "allocate", requestUdp: true, lifetime: LIFETIME_S },
      (reply) => this.#onAllocated(reply),
    );
  }

  /** One whole message or ChannelData from the server. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "ended") return;
    if (bytes[0] >= 0x40 && bytes[0] <= 0x4f) return this.#onChannelData(bytes);
    const message = parseTurn(bytes);
    if (!message) return;
    if (message.kind !== "indication") return this.#transactions.receive(message, bytes);
    const { peerAddress, data } = message;
    if (message.method === "data" && peerAddress && data) this.callbacks.data(peerAddress, data);
  }

  /** Lets datagrams of this IP address in; `done` tells whether the server agrees. Each is to be undone by `forbid`. */
  permit(address: string, done: (granted: boolean) => void): void {
    const users = this.#permissions.get(address) ?? 0;
    this.#permissions.set(address, users + 1);
    this.#requestPermission(address, done);
  }

  forbid(address: string): void {
    const users = this.#permissions.get(address) ?? 0;
    if (users > 1) this.#permissions.set(address, users - 1);
    else this.#permissions.delete(address);
  }

  /** Sends a datagram from the relayed address. */
  send(to: SocketAddress, bytes: Uint8Array): void {
    if (this.#state !== "allocated") return;
    const channel = this.#channels.get(addressKey(to));
    this.link.send(channel?.bound ? channelData(channel.number, bytes) : indication(to, bytes));
  }

  /** Has a channel for this address, so that its datagrams cost 4 bytes in place of 36; until then `send` does without. */
  bindChannel(remote: SocketAddress): void {
    const key = addressKey(remote);
    const known = this.#channels.get(key);
    if (known) {
      if (known.used) return;
      known.used = true;
      return this.#requestChannel(known);
    }
    const number = FIRST_CHANNEL + this.#channels.size;
    if (number > LAST_CHANNEL || this.#channels.size >= limits.relayChannels) return;
    const channel = { number, remote, bound: false, used: true };
    this.#channels.set(key, channel);
    this.#byNumber.set(number, channel);
    this.#requestChannel(channel);
  }

  /** Lets the channel of this address run out; a number belongs to one address as long as the allocation lives. */
  leaveChannel(remote: SocketAddress): void {
    const channel = this.#channels.get(addressKey(remote));
    if (channel) channel.used = channel.bound = false;
  }

  /** Gives the allocation back. */
  close(): void {
    if (this.#state === "ended") return;
    // Sent once: a server that does not hear it lets the allocation run out.
    if (this.#state === "allocated") this.#transactions.request({ method: "refresh", lifetime: 0 }, () => {});
    this.#stop(FAREWELL_MS);
  }

  #onAllocated(reply: TurnMessage | null): void {
    const { relayedAddress, mappedAddress } = reply ?? {};
    if (reply?.kind !== "success" || !relayedAddress) return this.#end(`no allocation: ${wordOf(reply)}`);
    this.#state = "allocated";
    this.#refreshIn(reply.lifetime ?? LIFETIME_S);
    this.#permissionTimer = this.clock.every(PERMISSION_REFRESH_MS, () => this.#refreshPermissions());
    this.callbacks.allocated(relayedAddress, mappedAddress ?? relayedAddress);
  }

  #refreshIn(lifetimeS: number): void {
    const delayMs = Math.max(1000, (lifetimeS - 60) * 1000, lifetimeS * 500);
    this.#refreshTimer = this.clock.after(
      delayMs,
      () =>
        this.#transactions.request({ method: "refresh", lifetime: LIFETIME_S }, (reply) => {
          if (reply?.kind === "success") this.#refreshIn(reply.lifetime ?? LIFETIME_S);
          else this.#end(`the allocation was lost: ${wordOf(reply)}`);
        }),
    );
  }

  #refreshPermissions(): void {
    for (const address of this.#permissions.keys()) this.#requestPermission(address, () => {});
    for (const channel of this.#channels.values()) if (channel.used) this.#requestChannel(channel);
  }

  #requestPermission(address: string, done: (granted: boolean) => void): void {
    if (this.#state !== "allocated") return done(false);
    // The port of XOR-PEER-ADDRESS means nothing here.
    const peerAddress = { address, port: 9 };
    this.#transactions.request(
      { method: "createPermission", peerAddress },
      (reply) => done(reply?.kind === "success"),
    );
  }

  #requestChannel(channel: Channel): void {
    const { number, remote } = channel;
    this.#transactions.request(
      { method: "channelBind", channelNumber: number, peerAddress: remote },
      (reply) => channel.bound = channel.used && reply?.kind === "success",
    );
  }

  #onChannelData(bytes: Uint8Array): void {
    if (bytes.length < 4) return;
    const channel = this.#byNumber.get(bytes[0] << 8 | bytes[1]);
    const length = bytes[2] << 8 | bytes[3];
    if (!channel || length > bytes.length - 4) return;
    this.callbacks.data(channel.remote, bytes.subarray(4, 4 + length));
  }

  #end(reason: string): void {
    if (this.#state === "ended") return;
    this.#stop();
    this.callbacks.ended(reason);
  }

  #stop(lingerMs = 0): void {
    this.#state = "ended";
    this.#refreshTimer?.cancel();
    this.#permissionTimer?.cancel();
    this.#transactions.close();
    if (lingerMs === 0) this.link.close();
    else this.clock.after(lingerMs, () => this.link.close());
  }

  /** The link broke. */
  linkEnded(reason: string): void {
    this.#end(reason);
  }
}

function wordOf(reply: TurnMessage | null): string {
  return reply === null ? "no answer" : `error ${reply.errorCode ?? "without a code"}`;
}

function indication(peerAddress: SocketAddress, data: Uint8Array): Uint8Array {
  const transactionId = randomBytes(12).toString("hex");
  return encodeTurn({ method: "send", kind: "indication", transactionId, peerAddress, data }, null);
}

/** RFC 8656 section 12.4, padded to a multiple of four as streams need it and datagrams may have it. */
function channelData(number: number, bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(4 + bytes.length + (-bytes.length & 3));
  framed[0] = number >>> 8;
  framed[1] = number;
  framed[2] = bytes.length >>> 8;
  framed[3] = bytes.length;
  framed.set(bytes, 4);
  return framed;
}
