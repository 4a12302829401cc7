import { randomUint32 } from "../../base/mod.ts";
import type { StunMessage } from "./stun.ts";

/** Who decides which pair is used (RFC 8445 section 6.1.1). */
export type Role = "controlling" | "controlled";

export function otherRole(role: Role): Role {
  return role === "controlling" ? "controlled" : "controlling";
}

/** 64 random bits. */
export function newTieBreaker(): bigint {
  return (BigInt(randomUint32()) << 32n) | BigInt(randomUint32());
}

/**
 * Our role after a request (RFC 8445 section 7.3.1.1), or "refuse" when the peer must change its own. A request that
 * names no role (FFmpeg) leaves ours as it is.
 */
export function decideRole(role: Role, tieBreaker: bigint, request: StunMessage): Role | "refuse" {
  if (role === "controlling" && request.controlling !== undefined) {
    return tieBreaker >= request.controlling ? "refuse" : "controlled";
  }
  if (role === "controlled" && request.controlled !== undefined) {
    return tieBreaker >= request.controlled ? "controlling" : "refuse";
  }
  return role;
}
