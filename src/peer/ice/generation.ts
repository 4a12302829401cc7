import { randomToken, type SocketAddress } from "../../base/mod.ts";
import type { Detour } from "../detour/detours.ts";
import { limits } from "../limits.ts";
import { type Candidate, formatCandidate, usableAddress } from "../sdp/candidate.ts";
import { addressKey, dueMs, newPair, type Pair } from "./pair.ts";

/** ICE user name fragment and password. */
export interface Credentials {
  ufrag: string;
  password: string;
}

/** What belongs to one pair of credentials; an ICE restart begins a new one (RFC 8445 section 9). */
export class Generation {
  readonly local: Credentials = { ufrag: randomToken(8), password: randomToken(24) };
  remote: Credentials | null = null;
  selected: Pair | null = null;
  /** The peer answered a check of ours at least once, so it can be held to consent (RFC 7675). */
  answered = false;
  /** When the first check succeeded, Infinity before. */
  firstSuccessMs = Infinity;
  /** The remote side is on this port too, and a loop was opened to it. */
  isLooped = false;
  readonly #pairs = new Map<string, Pair>();
  /** Signalled candidates that were not tried by a relay yet. */
  #unrelayed: { remote: SocketAddress; candidate: Candidate }[] = [];
  #relayed = 0;

  /** `relayFromMs` is when a relay is thought of: most peers are reached without. */
  constructor(public deadlineMs: number, public relayFromMs: number) {}

  /** Takes a signalled candidate; names, TCP and what exceeds the bound are skipped. */
  addCandidate(candidate: Candidate): void {
    const remote = usableAddress(candidate);
    if (!remote) return;
    const known = this.#pairs.get(addressKey(remote));
    if (known) {
      known.priority = candidate.priority;
      known.remoteCandidate = formatCandidate(candidate);
      return;
    }
    if (this.#relayed + this.#unrelayed.length < limits.relayedPairs) {
      this.#unrelayed.push({ remote, candidate });
    }
    if (this.#pairs.size >= limits.remoteCandidates) return;
    this.#pairs.set(addressKey(remote), newPair(remote, formatCandidate(candidate), candidate.priority));
  }

  /** Adds the pair that reaches a signalled candidate by a detour; null when there is such a pair, or no room. */
  addDetour(detour: Detour, candidate: Candidate): Pair | null {
    const key = addressKey(detour.address);
    if (this.#pairs.has(key) || this.#pairs.size >= 2 * limits.remoteCandidates) return null;
    const pair = newPair(detour.address, formatCandidate(candidate), candidate.priority, detour);
    this.#pairs.set(key, pair);
    return pair;
  }

  /** When a relay should reach out for the peer, Infinity when it need not. */
  get relayDueMs(): number {
    return this.selected || this.#unrelayed.length === 0 ? Infinity : this.relayFromMs;
  }

  /** The candidates that a relay has not been told of yet, once each. */
  takeUnrelayed(): { remote: SocketAddress; candidate: Candidate }[] {
    this.#relayed += this.#unrelayed.length;
    return this.#unrelayed.splice(0);
  }

  /** The pair of an address that sent an authentic request; a new peer-reflexive one when it is not known yet. */
  pairOf(remote: SocketAddress, priority: number, detour: Detour | null): Pair | null {
    const key = addressKey(remote);
    const known = this.#pairs.get(key);
    if (known) return known;
    if (this.#pairs.size >= limits.remoteCandidates && !this.#forgetFailed()) return null;
    const pair = newPair(remote, reflexiveText(detour, remote, priority), priority, detour);
    this.#pairs.set(key, pair);
    return pair;
  }

  /** The pair whose check is most due: heard ones first, then by priority; null when none is due before `nowMs`. */
  nextDue(nowMs: number): Pair | null {
    let best: Pair | null = null;
    for (const pair of this.#pairs.values()) {
      if (this.#dueMs(pair) > nowMs) continue;
      if (!best || rank(pair) > rank(best)) best = pair;
    }
    return best;
  }

  /** When the next check of any pair is due, Infinity when none is. */
  nextDueMs(): number {
    let earliest = Infinity;
    for (const pair of this.#pairs.values()) earliest = Math.min(earliest, this.#dueMs(pair));
    return earliest;
  }

  /** The best pair that answered a check. */
  bestSucceeded(): Pair | null {
    const succeeded = [...this.#pairs.values()].filter((p) => p.state === "succeeded");
    return succeeded.reduce<Pair | null>((best, p) => best && best.priority >= p.priority ? best : p, null);
  }

  /** A pair works: nobody need be reached by a relay any more. */
  forgetUnrelayed(): void {
    this.#unrelayed = [];
  }

  /** The peer nominated the selected pair: whatever it said about others is outdated. */
  clearNominations(): void {
    for (const pair of this.#pairs.values()) {
      pair.nominations = 0;
      pair.wanted = false;
    }
  }

  /** Another pair than the selected one was nominated, and may be again: nominations must be counted. */
  get isContested(): boolean {
    for (const pair of this.#pairs.values()) if (pair.nominations > 0) return true;
    return false;
  }

  /** Once a pair is selected only triggered checks are left (RFC 8445 section 8.1.2). */
  #dueMs(pair: Pair): number {
    return this.selected && !pair.triggered ? Infinity : dueMs(pair);
  }

  #forgetFailed(): boolean {
    for (const [key, pair] of this.#pairs) {
      if (pair.state === "failed" && pair !== this.selected) return this.#pairs.delete(key);
    }
    return false;
  }
}

function rank(pair: Pair): number {
  return pair.priority + (pair.triggered ? 2 ** 32 : 0);
}

/** Where the peer really is stands in the text, not the socket that stands for it here. */
function reflexiveText(detour: Detour | null, remote: SocketAddress, priority: number): string {
  const { address, port } = detour?.far.remote ?? remote;
  const isTcp = detour?.far.local.protocol === "tcp";
  return formatCandidate({
    foundation: "prflx",
    component: 1,
    protocol: isTcp ? "tcp" : "udp",
    priority,
    address,
    port,
    type: "prflx",
    tcpType: isTcp ? "active" : undefined,
  });
}
