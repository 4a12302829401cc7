import { randomBytes } from "node:crypto";
import { limits } from "../limits.ts";
import type { IceDirectory } from "./directory.ts";
import type { Generation } from "./generation.ts";
import { noteCheck, type Pair } from "./pair.ts";
import type { Role } from "./role.ts";
import { encodeStun } from "./stun.ts";

/** A check of ours that waits for its response. */
export interface Check {
  generation: Generation;
  pair: Pair;
  role: Role;
  useCandidate: boolean;
  /** Password of the remote side when the check was sent: its response is signed with it. */
  password: string;
}

/** Type preference of a peer-reflexive candidate (RFC 8445 section 7.1.1). */
const PEER_REFLEXIVE = 110 * 2 ** 24;
/** Highest local preference, component 1: the plane's own port. */
const HIGHEST = 65535 * 256 + 255;
/** A response later than this is none. */
const RESPONSE_MS = 5000;

/** The checks under way, by transaction id. */
export class Checks {
  readonly #open = new Map<string, Check & { sentMs: number }>();

  constructor(readonly directory: Pick<IceDirectory, "addCheck" | "dropCheck">) {}

  /** Notes a new check and gives its request. */
  begin(check: Check, username: string, tieBreaker: bigint, nowMs: number): Uint8Array {
    if (this.#open.size >= limits.outstandingChecks) this.forget(this.#open.keys().next().value!);
    const transactionId = randomBytes(12).toString("hex");
    this.#open.set(transactionId, { ...check, sentMs: nowMs });
    this.directory.addCheck(transactionId);
    noteCheck(check.pair, nowMs);
    return encodeCheck(check, username, tieBreaker, transactionId);
  }

  find(transactionId: string): Check | undefined {
    return this.#open.get(transactionId);
  }

  forget(transactionId: string): void {
    if (this.#open.delete(transactionId)) this.directory.dropCheck(transactionId);
  }

  /** Forgets checks that are too old to be answered. */
  expire(nowMs: number): void {
    for (const [transactionId, check] of this.#open) {
      if (nowMs - check.sentMs < RESPONSE_MS) return;
      this.forget(transactionId);
    }
  }

  forgetAll(): void {
    for (const transactionId of [...this.#open.keys()]) this.forget(transactionId);
  }
}

/** The request of a check, signed for the remote side. */
export function encodeCheck(
  { pair, useCandidate, role, password }: Omit<Check, "generation">,
  username: string,
  tieBreaker: bigint,
  transactionId: string,
): Uint8Array {
  return encodeStun({
    kind: "request",
    transactionId,
    username,
    // With the local preference of a detour's candidate, which is low, the peer keeps to the direct way where it can.
    priority: PEER_REFLEXIVE + (pair.detour ? pair.detour.far.local.priority % 2 ** 24 : HIGHEST),
    useCandidate,
    [role]: tieBreaker,
  }, password);
}
