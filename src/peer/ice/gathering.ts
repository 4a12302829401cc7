import type { SocketAddress } from "../../base/mod.ts";
import type { Relay } from "../relay/relay.ts";
import type { Relays } from "../relay/relays.ts";
import type { Candidate } from "../sdp/candidate.ts";
import type { IceOptions, LocalReach } from "../types.ts";
import { hostAddresses } from "./host_addresses.ts";
import { candidateTowards, hostCandidates, reflexiveCandidate, tcpCandidates } from "./local_candidates.ts";
import type { Reflexive } from "./reflexive.ts";

/** What the peers of one plane gather from. */
export interface GatheringDeps {
  reach: LocalReach;
  /** Port of the TCP listener, null while there is none. */
  tcpPort(): number | null;
  reflexive: Pick<Reflexive, "known" | "ask">;
  relays: Pick<Relays, "find" | "acquire" | "release">;
}

export interface GatheringCallbacks {
  /** A candidate was found after the first description. */
  found(candidate: Candidate): void;
  done(): void;
}

/**
 * The local candidates of one peer (RFC 8445 section 5.1.1). `prepare` gives the host ones and what the plane keeps
 * ready; `start` looks for the rest.
 */
export class Gathering {
  #candidates: Candidate[] = [];
  #relay: Relay | null = null;
  #wants = { stun: false, turn: false };
  #started = false;
  #closed = false;

  constructor(
    readonly options: IceOptions,
    readonly deps: GatheringDeps,
    readonly callbacks: GatheringCallbacks,
  ) {}

  /** UDP host ones first. */
  get candidates(): Candidate[] {
    return this.#candidates;
  }
  /** Null while there is none. */
  get relay(): Relay | null {
    return this.#relay?.candidate ? this.#relay : null;
  }
  /** Nothing will be added any more. */
  get complete(): boolean {
    return !this.#wants.stun && !this.#wants.turn;
  }

  /** To be called before the first description is written. Throws AppError gathering_failed. */
  prepare(): void {
    if (this.#candidates.length > 0) return;
    const { reach, tcpPort, reflexive, relays } = this.deps;
    const { stunServer, turnServer } = this.options;
    const hosts = hostCandidates(hostAddresses(reach.addresses, this.options), reach.port);
    const port = this.options.tcp ? tcpPort() : null;
    this.#candidates = [...hosts, ...(port === null ? [] : tcpCandidates(hosts, port))];
    const mapped = stunServer && reflexive.known(stunServer);
    if (mapped) this.#add(reflexiveCandidate(mapped, candidateTowards(hosts, mapped)));
    const kept = turnServer && relays.find(turnServer)?.candidate;
    if (kept) {
      this.#relay = relays.acquire(turnServer);
      this.#add(kept);
    }
    this.#wants = { stun: stunServer !== null && !mapped, turn: turnServer !== null && !kept };
  }

  /** Looks for what is not known yet and says so at the end. Does nothing the second time. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const { stunServer, turnServer } = this.options;
    if (this.complete) return this.callbacks.done();
    if (this.#wants.stun) this.deps.reflexive.ask(stunServer!, (mapped) => this.#onReflexive(mapped));
    if (!this.#wants.turn || this.#closed) return;
    this.#relay = this.deps.relays.acquire(turnServer!);
    this.#relay.whenReady((candidate) => this.#onRelay(candidate));
  }

  close(): void {
    this.#closed = true;
    if (this.#relay) this.deps.relays.release(this.#relay);
    this.#relay = null;
  }

  #onReflexive(mapped: SocketAddress | null): void {
    if (this.#closed) return;
    this.#wants.stun = false;
    if (mapped) this.#find(reflexiveCandidate(mapped, candidateTowards(this.#candidates, mapped)));
    if (this.complete) this.callbacks.done();
  }

  #onRelay(candidate: Candidate | null): void {
    if (this.#closed) return;
    this.#wants.turn = false;
    if (candidate) this.#find(candidate);
    if (this.complete) this.callbacks.done();
  }

  #find(candidate: Candidate): void {
    if (this.#add(candidate)) this.callbacks.found(candidate);
  }

  /** False for one that is redundant (RFC 8445 section 5.1.3): a host that is seen as what it is. */
  #add(candidate: Candidate): boolean {
    const { protocol, address, port } = candidate;
    const known = this.#candidates.some((c) =>
      c.protocol === protocol && c.address === address && c.port === port
    );
    if (!known) this.#candidates.push(candidate);
    return !known;
  }
}
