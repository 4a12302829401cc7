import { isLoopback, type SocketAddress } from "../../base/mod.ts";
import type { Candidate } from "../sdp/candidate.ts";
import type { TurnServer } from "../types.ts";

/** Type preferences (RFC 8445 section 5.1.2.2); TCP comes after every UDP candidate but the relayed ones (RFC 6544). */
const PREFERENCE = { host: 126, srflx: 100, tcp: 90, relay: 0 } as const;
/** Direction preference of a passive host candidate (RFC 6544 section 4.2). */
const PASSIVE = 4;

/**
 * Host candidates on the plane's port. IPv4 comes first, because FFmpeg takes the first host candidate and cannot use an
 * IPv6 one; the given order holds otherwise.
 */
export function hostCandidates(addresses: string[], port: number): Candidate[] {
  const isIPv6 = (address: string) => address.includes(":");
  const ordered = [...addresses.filter((a) => !isIPv6(a)), ...addresses.filter(isIPv6)];
  return ordered.map((address, i) => ({
    foundation: String(i + 1),
    component: 1,
    protocol: "udp",
    priority: priority(PREFERENCE.host, 65535 - i),
    address,
    port,
    type: "host",
  }));
}

/** Passive TCP candidates at the addresses of the host ones (RFC 6544). */
export function tcpCandidates(hosts: Candidate[], port: number): Candidate[] {
  return hosts.map((host, i) => ({
    ...host,
    foundation: `t${host.foundation}`,
    protocol: "tcp",
    priority: priority(PREFERENCE.tcp, PASSIVE * 2 ** 13 + 8191 - i),
    port,
    tcpType: "passive",
  }));
}

/** What a STUN server saw of the plane's port; `base` is where it was asked from. */
export function reflexiveCandidate(mapped: SocketAddress, base: Candidate): Candidate {
  return {
    foundation: "s1",
    component: 1,
    protocol: "udp",
    priority: priority(PREFERENCE.srflx, 65535),
    ...mapped,
    type: "srflx",
    related: { address: base.address, port: base.port },
  };
}

/** A port on a TURN server; `mapped` is where that server sees us, `transport` how we talk with it. */
export function relayedCandidate(
  relayed: SocketAddress,
  mapped: SocketAddress,
  transport: TurnServer["transport"],
): Candidate {
  const index = ["tls", "tcp", "udp"].indexOf(transport);
  return {
    foundation: `r${index + 1}`,
    component: 1,
    protocol: "udp",
    priority: priority(PREFERENCE.relay, index),
    ...relayed,
    type: "relay",
    related: mapped,
  };
}

/** The candidate that talks to `remote` by the plane's port: of its family, loopback to loopback where there is one. */
export function candidateTowards(candidates: Candidate[], remote: SocketAddress): Candidate {
  const hosts = candidates.filter((c) => c.type === "host" && c.protocol === "udp");
  const sameFamily = hosts.filter((c) => c.address.includes(":") === remote.address.includes(":"));
  return sameFamily.find((c) => isLoopback(c.address) === isLoopback(remote.address)) ?? sameFamily[0] ??
    hosts[0];
}

/** RFC 8445 section 5.1.2.1, component 1. */
function priority(typePreference: number, localPreference: number): number {
  return typePreference * 2 ** 24 + localPreference * 256 + 255;
}
