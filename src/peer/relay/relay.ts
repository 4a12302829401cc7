import { type Clock, createLog, type SocketAddress } from "../../base/mod.ts";
import type { Detour, Detours } from "../detour/detours.ts";
import { addressKey } from "../ice/pair.ts";
import { limits } from "../limits.ts";
import { relayedCandidate } from "../ice/local_candidates.ts";
import type { Candidate } from "../sdp/candidate.ts";
import type { TurnServer } from "../types.ts";
import { TurnClient } from "./client.ts";
import { type LinkCallbacks, openTurnLink } from "./link.ts";
import type { TurnLink } from "./transactions.ts";

const log = createLog("peer");

export type OpenLink = (server: TurnServer, callbacks: LinkCallbacks) => Promise<TurnLink>;

/** How datagrams that are no STUN begin, TURN's own aside (RFC 7983): what is worth a channel. */
const FIRST_DTLS_BYTE = 20;

/**
 * One allocation on a TURN server, with a detour for every remote address that is reached by it.
 *
 *   opening ──► ready ──► ended       (opening ──► ended)
 */
export class Relay {
  #state: "opening" | "ready" | "ended" = "opening";
  #client: TurnClient | null = null;
  #candidate: Candidate | null = null;
  #waiting: ((candidate: Candidate | null) => void)[] = [];
  readonly #mourners: (() => void)[] = [];
  readonly #detours = new Map<string, Promise<Detour | null>>();
  /** The open ones, by real address. */
  readonly #open = new Map<string, Detour>();

  constructor(
    readonly server: TurnServer,
    readonly deps: { clock: Clock; detours: Detours; openLink?: OpenLink },
  ) {
    this.#start().catch((error) => this.#end(error instanceof Error ? error.message : String(error)));
  }

  /** Our relayed candidate; null before it is known and after the end. */
  get candidate(): Candidate | null {
    return this.#candidate;
  }

  /** Calls back when the candidate is known, or with null when it cannot be had. */
  whenReady(done: (candidate: Candidate | null) => void): void {
    if (this.#state === "opening") this.#waiting.push(done);
    else done(this.#candidate);
  }

  /** Calls back when the relay is over, for whatever reason; it is not over yet. */
  whenEnded(told: () => void): void {
    this.#mourners.push(told);
  }

  /** The detour to a remote address by this relay; null when the server refuses it, or it is of the other family. */
  reach(remote: SocketAddress): Promise<Detour | null> {
    const key = addressKey(remote);
    const known = this.#detours.get(key);
    if (known) return known;
    if (!this.#takes(remote)) return Promise.resolve(null);
    const opening = this.#openDetour(remote);
    this.#detours.set(key, opening);
    return opening;
  }

  close(): void {
    this.#client?.close();
    this.#end("closed");
  }

  async #start(): Promise<void> {
    const link = await (this.deps.openLink ?? openTurnLink)(this.server, {
      message: (bytes) => this.#client?.receive(bytes),
      ended: (reason) => this.#client?.linkEnded(reason),
    });
    if (this.#state === "ended") return link.close();
    this.#client = new TurnClient(this.server, link, this.deps.clock, {
      allocated: (relayed, mapped) => this.#onAllocated(relayed, mapped),
      data: (from, bytes) => this.#onData(from, bytes),
      ended: (reason) => this.#end(reason),
    });
    this.#client.start();
  }

  #onAllocated(relayed: SocketAddress, mapped: SocketAddress): void {
    this.#candidate = relayedCandidate(relayed, mapped, this.server.transport);
    this.#state = "ready";
    this.#tell();
  }

  #takes(remote: SocketAddress): boolean {
    return this.#state === "ready" && this.#detours.size < limits.relayRemotes &&
      remote.address.includes(":") === this.#candidate!.address.includes(":");
  }

  async #openDetour(remote: SocketAddress): Promise<Detour | null> {
    const granted = await new Promise<boolean>((done) => this.#client!.permit(remote.address, done));
    const detour = granted && this.#state === "ready" ? await this.#openSocket(remote) : null;
    if (!detour) {
      this.#leave(remote);
      return null;
    }
    if (this.#state !== "ready") detour.cut();
    return detour;
  }

  async #openSocket(remote: SocketAddress): Promise<Detour | null> {
    let channelAsked = false;
    const detour = await this.deps.detours.open({
      remote,
      local: this.#candidate!,
      send: (bytes) => {
        if (!channelAsked && bytes[0] >= FIRST_DTLS_BYTE) {
          channelAsked = true;
          this.#client!.bindChannel(remote);
        }
        this.#client!.send(remote, bytes);
      },
      released: () => this.#leave(remote),
    });
    if (detour) this.#open.set(addressKey(remote), detour);
    return detour;
  }

  #leave(remote: SocketAddress): void {
    this.#detours.delete(addressKey(remote));
    this.#open.delete(addressKey(remote));
    this.#client?.leaveChannel(remote);
    this.#client?.forbid(remote.address);
  }

  /** A permitted address may send from a port that nobody signalled; then the check it sends waits for the next try. */
  #onData(from: SocketAddress, bytes: Uint8Array): void {
    const detour = this.#open.get(addressKey(from));
    if (detour) detour.enter(bytes.slice());
    else void this.reach(from);
  }

  #end(reason: string): void {
    if (this.#state === "ended") return;
    if (reason !== "closed") {
      const { address, port, transport } = this.server;
      log.warn("there is no relay", { server: `${address}:${port}`, transport, reason });
    }
    this.#state = "ended";
    this.#candidate = null;
    for (const detour of [...this.#open.values()]) detour.cut();
    this.#tell();
    for (const told of this.#mourners.splice(0)) told();
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done(this.#candidate);
  }
}
