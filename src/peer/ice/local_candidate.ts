import { isLoopback, type SocketAddress } from "../../base/mod.ts";
import { formatCandidate, localCandidates } from "../sdp/candidate.ts";
import type { LocalReach } from "../types.ts";

/** Text of the local candidate that talks to `remote`: of its family, loopback to loopback where there is such a one. */
export function localCandidateText(reach: LocalReach, remote: SocketAddress): string {
  const candidates = localCandidates(reach);
  const sameFamily = candidates.filter((c) => c.address.includes(":") === remote.address.includes(":"));
  const best = sameFamily.find((c) => isLoopback(c.address) === isLoopback(remote.address)) ?? sameFamily[0];
  return formatCandidate(best ?? candidates[0]);
}
