import { type Clock, randomUint32, type SocketAddress, type Timer } from "../../base/mod.ts";
import type { Detour, Detours } from "../detour/detours.ts";
import { limits } from "../limits.ts";
import type { Relay } from "../relay/relay.ts";
import { type Candidate, formatCandidate } from "../sdp/candidate.ts";
import type { IceConsent, IceState } from "../types.ts";
import { Checks } from "./checks.ts";
import type { IceDirectory } from "./directory.ts";
import { type Credentials, Generation } from "./generation.ts";
import { KeptConsent, meanConsentMs } from "./kept_consent.ts";
import { candidateTowards } from "./local_candidates.ts";
import { addressKey, type Pair } from "./pair.ts";
import { decideRole, newTieBreaker, otherRole, type Role } from "./role.ts";
import { encodeStun, type ReceivedStun, verifyIntegrity } from "./stun.ts";

/** What an agent tells its owner. */
export interface IceCallbacks {
  send(to: SocketAddress, bytes: Uint8Array): void;
  admit(address: SocketAddress): void;
  select(address: SocketAddress, pair: { localCandidate: string; remoteCandidate: string }): void;
  state(state: IceState): void;
  /**
   * The selected pair may be kept up beside the agent, which hears of answers by `heardConsent`; null ends that. Without
   * it the agent does everything itself.
   */
  keepConsent?(consent: IceConsent | null): void;
  ended(end: "iceTimeout" | "consentExpired", detail: string): void;
}

export interface IceDeps {
  clock: Clock;
  /** Our side, as far as it is known. */
  local: { readonly candidates: Candidate[]; readonly relay: Relay | null };
  detours: Pick<Detours, "at" | "loop">;
  timeouts: { connectMs: number; consentMs: number };
  directory: IceDirectory;
}

/** Least time between two checks (RFC 8445 section 14.2, Ta). */
const PACE_MS = 50;
/** How long a controlling agent waits for a better pair than the first that answered. */
const NOMINATION_DELAY_MS = 100;
/** How long peers may take to connect without a relay before one is tried too. */
const RELAY_DELAY_MS = 250;
/** How long detours stay for the last words of DTLS and RTCP. */
const LINGER_MS = 500;
/** Silence after which the state is called disconnected. */
const DISCONNECTED_MS = 10_000;

/**
 * A full ICE agent (RFC 8445) for one component on a port that it shares with others. It owns no socket: datagrams come
 * by `handle` and leave by `send`.
 *
 *   new ──► checking ──► connected ◄──► disconnected ──► failed
 *               └────────────────────────────────────────► failed     (each ──► closed)
 */
export class IceAgent {
  #role: Role = "controlled";
  #state: IceState = "new";
  #current: Generation;
  #pending: Generation | null = null;
  #lastCheckMs = -Infinity;
  #aliveMs = 0;
  #consentCheckMs = Infinity;
  #timer: Timer | null = null;
  readonly #tieBreaker = newTieBreaker();
  readonly #admitted = new Set<string>();
  readonly #held = new Set<Detour>();
  readonly #checks: Checks;
  readonly #kept: KeptConsent;

  constructor(readonly deps: IceDeps, readonly callbacks: IceCallbacks) {
    this.#current = new Generation(Infinity, Infinity);
    this.#checks = new Checks(deps.directory);
    this.#kept = new KeptConsent(callbacks.keepConsent?.bind(callbacks), this.#tieBreaker);
    deps.directory.addUfrag(this.#current.local.ufrag);
  }

  get state(): IceState {
    return this.#state;
  }

  /** Credentials of the newest generation. */
  get local(): Credentials {
    return (this.#pending ?? this.#current).local;
  }

  /** The remote user name fragment of the newest generation, "" before it is known. */
  get remoteUfrag(): string {
    return (this.#pending ?? this.#current).remote?.ufrag ?? "";
  }

  /** The role to act in while checks of the peer may come before its description. */
  expect(role: Role): void {
    this.#role = role;
  }

  /** Begins to check; `role` as the descriptions gave it (RFC 8445 section 6.1.1). */
  start(role: Role, remote: Credentials, candidates: Candidate[]): void {
    const now = this.deps.clock.now();
    this.#role = role;
    this.#current.remote = remote;
    this.#current.deadlineMs = now + this.deps.timeouts.connectMs;
    this.#current.relayFromMs = now + RELAY_DELAY_MS;
    this.#take(this.#current, candidates);
    if (this.#state === "new") this.#setState("checking");
    this.#schedule();
  }

  addCandidate(candidate: Candidate): void {
    this.#take(this.#pending ?? this.#current, [candidate]);
    this.#schedule();
  }

  /** New remote credentials: the pair in use stays until the new generation has selected one (RFC 8445 section 9). */
  restart(remote: Credentials, candidates: Candidate[]): void {
    if (this.#pending) this.#forget(this.#pending);
    const now = this.deps.clock.now();
    const generation = new Generation(now + this.deps.timeouts.connectMs, now + RELAY_DELAY_MS);
    generation.remote = remote;
    this.deps.directory.addUfrag(generation.local.ufrag);
    if (this.#current.selected) this.#pending = generation;
    else {
      this.#forget(this.#current);
      this.#current = generation;
    }
    this.#take(generation, candidates);
    this.#schedule();
  }

  /** The candidates of an agent on this very port say nothing: one of both opens a loop, and shows it by its checks. */
  #take(generation: Generation, candidates: Candidate[]): void {
    const { directory, detours, local } = this.deps;
    if (!directory.hasUfrag(generation.remote?.ufrag ?? "")) {
      for (const candidate of candidates) generation.addCandidate(candidate);
    } else if (this.#role === "controlling" && !generation.isLooped) {
      generation.isLooped = true;
      const [host] = local.candidates;
      void detours.loop(host).then((detour) => detour && this.#addDetour(generation, detour, host));
    }
  }

  /** There is a relay now. */
  relayCame(): void {
    this.#schedule();
  }

  /** Takes a STUN message from anywhere; false when it is not authentic. Nothing is sent back then. */
  handle(from: SocketAddress, bytes: Uint8Array, message: ReceivedStun): boolean {
    if (this.#isOver) return false;
    if (message.kind === "request") return this.#onRequest(from, bytes, message);
    if (message.kind === "indication") return true;
    return this.#onResponse(from, bytes, message);
  }

  /** Authentic media arrived: liveness for peers that never answer checks. */
  heardMedia(): void {
    if (!this.#current.answered) this.#alive();
  }

  /** The peer answered a check that was sent beside the agent. */
  heardConsent(): void {
    if (this.#kept.isKept && !this.#isOver) this.#alive();
  }

  /** Nothing but its media tells that the peer is still there: it never answered a check. */
  get livesByMedia(): boolean {
    return this.#current.selected !== null && !this.#current.answered && !this.#isOver;
  }

  close(): void {
    this.#stop("closed");
  }

  #onRequest(from: SocketAddress, bytes: Uint8Array, message: ReceivedStun): boolean {
    const generation = this.#generationOf(message.username ?? "");
    if (!generation || !verifyIntegrity(bytes, message, generation.local.password)) return false;
    const detour = this.deps.detours.at(from) ?? null;
    // A connection belongs to the peer whose check came first by it.
    if (detour?.far.local.protocol === "tcp" && detour.isHeldByOther(this)) return false;
    const decision = decideRole(this.#role, this.#tieBreaker, message);
    if (decision === "refuse") {
      this.#respond(from, generation, { ...blankOf(message), kind: "error", errorCode: 487 });
      return true;
    }
    this.#role = decision;
    if (detour) this.#hold(detour);
    const mappedAddress = detour?.far.remote ?? from;
    this.#respond(from, generation, { ...blankOf(message), kind: "success", mappedAddress });
    const pair = this.#admit(from) ? generation.pairOf(from, message.priority ?? 0, detour) : null;
    if (pair) this.#heard(generation, pair, message.useCandidate === true);
    return true;
  }

  #respond(to: SocketAddress, generation: Generation, message: Parameters<typeof encodeStun>[0]): void {
    this.callbacks.send(to, encodeStun(message, generation.local.password));
  }

  /** An authentic request came from the pair's address. */
  #heard(generation: Generation, pair: Pair, nominated: boolean): void {
    const isSelected = pair === generation.selected;
    if (pair.state !== "succeeded" || this.#state === "disconnected") pair.triggered = true;
    if (isSelected && generation === this.#current && !generation.answered) this.#alive();
    // FFmpeg nominates without saying that it controls, and answers no checks: the request itself must do.
    if (nominated && this.#role === "controlled") this.#nominated(generation, pair);
    this.#schedule();
  }

  /**
   * The peer nominated a pair. Agents of old nominate all pairs at once, so a lower one replaces the selected one only
   * when it is nominated again and again while the selected one is not: then the peer has moved.
   */
  #nominated(generation: Generation, pair: Pair): void {
    const selected = generation.selected;
    if (pair === selected) {
      generation.clearNominations();
      return;
    }
    pair.nominations++;
    pair.wanted = !selected || pair.priority > selected.priority || pair.nominations > 1;
    // The first choice may be wrong, DTLS will tell. Media that flows moves only to where a check of ours was answered:
    // somebody could have recorded the request and sent it again with another's address.
    const mayMove = this.#current.selected === null || pair.state === "succeeded";
    if (pair.wanted && mayMove) this.#select(generation, pair);
  }

  #onResponse(from: SocketAddress, bytes: Uint8Array, message: ReceivedStun): boolean {
    const check = this.#checks.find(message.transactionId);
    if (!check || addressKey(from) !== addressKey(check.pair.remote)) return false;
    if (!verifyIntegrity(bytes, message, check.password)) return false;
    this.#checks.forget(message.transactionId);
    const { generation, pair } = check;
    if (generation !== this.#current && generation !== this.#pending) return true;
    if (message.kind === "error") {
      if (message.errorCode === 487) this.#lostConflict(check.role, pair);
      return true;
    }
    this.#succeeded(generation, pair, check.useCandidate);
    return true;
  }

  #lostConflict(role: Role, pair: Pair): void {
    this.#role = otherRole(role);
    pair.triggered = true;
    this.#schedule();
  }

  #succeeded(generation: Generation, pair: Pair, nominating: boolean): void {
    if (!this.#admit(pair.remote)) return;
    // A nomination need not wait until the check that just succeeded would have been repeated.
    if (pair.state !== "succeeded") pair.nextCheckMs = 0;
    pair.state = "succeeded";
    generation.answered = true;
    generation.firstSuccessMs = Math.min(generation.firstSuccessMs, this.deps.clock.now());
    const isChosen = this.#role === "controlling" ? nominating && pair.nominate : pair.wanted;
    if (isChosen) this.#select(generation, pair);
    if (generation === this.#current && pair === generation.selected) this.#alive();
    this.#schedule();
  }

  #select(generation: Generation, pair: Pair): void {
    generation.selected = pair;
    this.#kept.forget();
    generation.forgetUnrelayed();
    generation.clearNominations();
    pair.nominate = pair.wanted = false;
    if (generation === this.#pending) {
      this.#forget(this.#current);
      this.#current = generation;
      this.#pending = null;
    }
    const { candidates } = this.deps.local;
    const localCandidate = formatCandidate(
      pair.detour?.far.local ?? candidateTowards(candidates, pair.remote),
    );
    this.callbacks.select(pair.remote, { localCandidate, remoteCandidate: pair.remoteCandidate });
    this.#alive();
    this.#consentCheckMs = Math.min(
      this.#consentCheckMs,
      this.deps.clock.now() + this.#consentPeriodMs(),
    );
    this.#schedule();
  }

  #alive(): void {
    this.#aliveMs = this.deps.clock.now();
    if (this.#current.selected && this.#state !== "connected") this.#setState("connected");
  }

  #admit(address: SocketAddress): boolean {
    const key = addressKey(address);
    if (this.#admitted.has(key)) return true;
    if (this.#admitted.size >= 2 * limits.remoteCandidates) return false;
    this.#admitted.add(key);
    this.callbacks.admit(address);
    return true;
  }

  /** Reaches out for the peer by our relay too, where it has been in vain without. */
  #relayIfDue(now: number): void {
    const { relay } = this.deps.local;
    for (const generation of [this.#pending, this.#current]) {
      if (!relay || !generation || now < generation.relayDueMs) continue;
      for (const { remote, candidate } of generation.takeUnrelayed()) {
        void relay.reach(remote).then((detour) => detour && this.#addDetour(generation, detour, candidate));
      }
    }
  }

  #addDetour(generation: Generation, detour: Detour, candidate: Candidate): void {
    if (this.#isOver || !detour.isOpen || !generation.addDetour(detour, candidate)) return;
    this.#hold(detour);
    this.#schedule();
  }

  #hold(detour: Detour): void {
    this.#held.add(detour);
    detour.hold(this);
  }

  /** What the peer is told at the end shall still go by them. */
  #leaveDetours(): void {
    if (this.#held.size === 0) return;
    this.deps.clock.after(LINGER_MS, () => {
      for (const detour of this.#held) detour.drop(this);
    });
  }

  #turn(): void {
    const now = this.deps.clock.now();
    this.#checks.expire(now);
    if (this.#endIfDue(now)) return;
    this.#relayIfDue(now);
    if (this.#pending && now >= this.#pending.deadlineMs) {
      this.#forget(this.#pending);
      this.#pending = null;
    }
    this.#checkConsent(now);
    if (now - this.#lastCheckMs >= PACE_MS) this.#checkNext(now);
    this.#schedule();
  }

  #endIfDue(now: number): boolean {
    const { selected, deadlineMs, answered } = this.#current;
    const { connectMs, consentMs } = this.deps.timeouts;
    if (!selected && now >= deadlineMs) {
      this.#end("iceTimeout", `no candidate pair within ${connectMs} ms`);
      return true;
    }
    if (selected && now - this.#aliveMs >= consentMs) {
      this.#end(
        "consentExpired",
        `${answered ? "no answer to checks" : "neither checks nor media"} for ${consentMs} ms`,
      );
      return true;
    }
    return false;
  }

  #checkConsent(now: number): void {
    const pair = this.#current.selected;
    if (!pair) return;
    if (now >= this.#consentCheckMs) {
      this.#consentCheckMs = now + this.#consentPeriodMs();
      this.#check(this.#current, pair, now);
    }
    if (this.#state === "connected" && now - this.#aliveMs >= DISCONNECTED_MS) this.#setState("disconnected");
  }

  #checkNext(now: number): void {
    for (const generation of [this.#pending, this.#current]) {
      if (!generation?.remote) continue;
      this.#nominateIfDue(generation, now);
      const pair = generation.nextDue(now);
      if (!pair) continue;
      this.#check(generation, pair, now);
      return;
    }
  }

  #nominateIfDue(generation: Generation, now: number): void {
    if (this.#role !== "controlling" || generation.selected) return;
    if (now < generation.firstSuccessMs + NOMINATION_DELAY_MS) return;
    const pair = generation.bestSucceeded();
    if (!pair || now < pair.nextCheckMs) return;
    pair.nominate = pair.triggered = true;
    pair.nextCheckMs = now + 5 * PACE_MS;
  }

  #check(generation: Generation, pair: Pair, now: number): void {
    if (!generation.remote || this.#isOver) return;
    this.#lastCheckMs = now;
    const useCandidate = this.#role === "controlling" && (pair.nominate || pair === generation.selected);
    const bytes = this.#checks.begin(
      { generation, pair, role: this.#role, useCandidate, password: generation.remote.password },
      `${generation.remote.ufrag}:${generation.local.ufrag}`,
      this.#tieBreaker,
      now,
    );
    this.callbacks.send(pair.remote, bytes);
  }

  #generationOf(username: string): Generation | null {
    const ufrag = username.split(":", 1)[0];
    if (ufrag === this.#current.local.ufrag) return this.#current;
    return this.#pending?.local.ufrag === ufrag ? this.#pending : null;
  }

  #forget(generation: Generation): void {
    this.deps.directory.dropUfrag(generation.local.ufrag);
  }

  /** Sets the one timer to the earliest thing that is due. */
  #schedule(): void {
    if (this.#isOver) return;
    const now = this.deps.clock.now();
    this.#keepIfUsual(now);
    const at = Math.min(
      this.#nextCheckMs(this.#current),
      this.#nextCheckMs(this.#pending),
      this.#nextRelayMs(),
      this.#nextEndMs(),
    );
    this.#timer?.cancel();
    this.#timer = at === Infinity
      ? null
      : this.deps.clock.after(Math.max(0, Math.ceil(at - now)), () => this.#turn());
  }

  /** A pair about which nothing is open can be kept up beside the agent, whose own checks of it rest meanwhile. */
  #keepIfUsual(now: number): void {
    const { selected, answered, isContested } = this.#current;
    const isUsual = this.#state === "connected" && this.#pending === null && answered && !isContested &&
      selected?.state === "succeeded" && !selected.triggered;
    if (isUsual) this.#kept.give(this.#current, this.#role, meanConsentMs(this.deps.timeouts.consentMs));
    else this.#kept.takeBack();
    if (this.#kept.isKept) this.#consentCheckMs = Infinity;
    else if (selected) this.#consentCheckMs = Math.min(this.#consentCheckMs, now + this.#consentPeriodMs());
  }

  #consentPeriodMs(): number {
    return meanConsentMs(this.deps.timeouts.consentMs) * (0.8 + 0.4 * (randomUint32() / 2 ** 32));
  }

  #nextCheckMs(generation: Generation | null): number {
    if (!generation?.remote) return Infinity;
    const nominationMs = this.#role === "controlling" && !generation.selected
      ? Math.max(
        generation.firstSuccessMs + NOMINATION_DELAY_MS,
        generation.bestSucceeded()?.nextCheckMs ?? Infinity,
      )
      : Infinity;
    return Math.max(Math.min(generation.nextDueMs(), nominationMs), this.#lastCheckMs + PACE_MS);
  }

  #nextRelayMs(): number {
    if (!this.deps.local.relay) return Infinity;
    return Math.min(this.#current.relayDueMs, this.#pending?.relayDueMs ?? Infinity);
  }

  #nextEndMs(): number {
    const pendingMs = this.#pending?.deadlineMs ?? Infinity;
    if (!this.#current.selected) return Math.min(this.#current.deadlineMs, pendingMs);
    const disconnectMs = this.#state === "connected" ? this.#aliveMs + DISCONNECTED_MS : Infinity;
    const expiryMs = this.#aliveMs + this.deps.timeouts.consentMs;
    return Math.min(this.#consentCheckMs, disconnectMs, expiryMs, pendingMs);
  }

  #end(end: "iceTimeout" | "consentExpired", detail: string): void {
    this.#stop("failed");
    this.callbacks.ended(end, detail);
  }

  #stop(state: IceState): void {
    if (this.#isOver) return;
    this.#timer?.cancel();
    this.#checks.forgetAll();
    this.#forget(this.#current);
    if (this.#pending) this.#forget(this.#pending);
    this.#leaveDetours();
    this.#setState(state);
  }

  get #isOver(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  /** An owner may close the agent from inside any callback, so what comes after one must look again. */
  #setState(state: IceState): void {
    if (this.#isOver) return;
    this.#state = state;
    this.callbacks.state(state);
  }
}

function blankOf(request: ReceivedStun): { transactionId: string } {
  return { transactionId: request.transactionId };
}
