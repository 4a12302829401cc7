import type { SocketAddress } from "../../base/mod.ts";
import type { Detour } from "../detour/detours.ts";
import { limits } from "../limits.ts";

/**
 * One remote address, as the plane sees it, as a place to talk to. Local candidates share one port, or are told apart by
 * the address of the detour; so a pair is known by its remote half.
 *
 *   waiting ──► checking ──► succeeded
 *      ▲            │
 *      └─(request)──┴──► failed
 */
export interface Pair {
  remote: SocketAddress;
  /** `candidate:…` text, as signalled or as made up for a peer-reflexive one. */
  remoteCandidate: string;
  /** The way round the plane's port by which it is reached; null for plain UDP. */
  detour: Detour | null;
  /** The lower one of both candidates, 32 bits: what pair priorities are ordered by first (RFC 8445 section 6.1.2.3). */
  priority: number;
  state: "waiting" | "checking" | "succeeded" | "failed";
  /** A check is due now: the peer was heard there (RFC 8445 section 7.3.1.4), or it shall be nominated. */
  triggered: boolean;
  /** We are controlling and want this pair. */
  nominate: boolean;
  /** The peer is controlling and wants this pair. */
  wanted: boolean;
  /** Nominations by the peer since it last nominated the selected pair. */
  nominations: number;
  checksSent: number;
  nextCheckMs: number;
}

/** Time until a check is repeated; the last value holds for all further ones. */
const retryMs = [250, 500, 1000, 2000];

/** A pair with a remote candidate of this priority; a host candidate of ours on UDP is never the lower one. */
export function newPair(
  remote: SocketAddress,
  remoteCandidate: string,
  priority: number,
  detour: Detour | null = null,
): Pair {
  return {
    remote,
    remoteCandidate,
    detour,
    priority: detour ? Math.min(priority, detour.far.local.priority) : priority,
    state: "waiting",
    triggered: false,
    nominate: false,
    wanted: false,
    nominations: 0,
    checksSent: 0,
    nextCheckMs: 0,
  };
}

/** When the next check to the pair is due, Infinity when none is. */
export function dueMs(pair: Pair): number {
  if (pair.triggered) return 0;
  return pair.state === "waiting" || pair.state === "checking" ? pair.nextCheckMs : Infinity;
}

/** Notes that a check leaves now; one that is the last for a silent address lets the pair fail when it stays unanswered. */
export function noteCheck(pair: Pair, nowMs: number): void {
  pair.checksSent++;
  pair.triggered = false;
  if (pair.state === "succeeded") return;
  pair.state = pair.checksSent >= limits.checksPerPair ? "failed" : "checking";
  pair.nextCheckMs = nowMs + retryMs[Math.min(pair.checksSent, retryMs.length) - 1];
}

/** One text per address, for maps. */
export function addressKey(address: SocketAddress): string {
  return `${address.address}|${address.port}`;
}
