import type { IceConsent } from "../types.ts";
import { encodeCheck } from "./checks.ts";
import type { Generation } from "./generation.ts";
import type { Pair } from "./pair.ts";
import type { Role } from "./role.ts";

/** Mean time between consent checks (RFC 7675 section 5.1). */
const CONSENT_PERIOD_MS = 5000;

/** Of a request that serves as a pattern; each one sent has its own. */
const NO_TRANSACTION = "0".repeat(24);

/** RFC 7675 section 5.1; sooner where consent expires sooner, so that a lost check or two never end a session. */
export function meanConsentMs(consentMs: number): number {
  return Math.min(CONSENT_PERIOD_MS, consentMs / 5);
}

/**
 * Gives the everyday of a settled pair to whoever keeps it up beside the agent, where there is such a one, and takes it
 * back as soon as anything is not as usual.
 */
export class KeptConsent {
  #pair: Pair | null = null;
  #role: Role = "controlled";

  /** `keep` is told what to keep, and null to leave it to the agent again. */
  constructor(
    readonly keep: ((consent: IceConsent | null) => void) | undefined,
    readonly tieBreaker: bigint,
  ) {}

  /** Somebody else sends the checks, and tells who answered. */
  get isKept(): boolean {
    return this.#pair !== null;
  }

  /** Hands the generation's selected pair over, if it is not; a pair by a detour never is, its socket stands for another. */
  give({ selected, local, remote }: Generation, role: Role, periodMs: number): void {
    if (!this.keep || !selected || !remote || selected.detour) return this.takeBack();
    if (selected === this.#pair && role === this.#role) return;
    this.#pair = selected;
    this.#role = role;
    const controlling = role === "controlling";
    const check = { pair: selected, role, useCandidate: controlling, password: remote.password };
    this.keep({
      username: `${local.ufrag}:${remote.ufrag}`,
      localPassword: local.password,
      remotePassword: remote.password,
      controlling,
      request: encodeCheck(check, `${remote.ufrag}:${local.ufrag}`, this.tieBreaker, NO_TRANSACTION),
      periodMs,
    });
  }

  takeBack(): void {
    if (this.#pair) this.keep?.(null);
    this.#pair = null;
  }

  /** Another pair was selected: what was kept has ended with the one before. */
  forget(): void {
    this.#pair = null;
  }
}
