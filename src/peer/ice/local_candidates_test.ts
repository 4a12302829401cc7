import { expect, test } from "vitest";
import { formatCandidate, parseCandidate } from "../sdp/candidate.ts";
import {
  candidateTowards,
  hostCandidates,
  reflexiveCandidate,
  relayedCandidate,
  tcpCandidates,
} from "./local_candidates.ts";

const hosts = hostCandidates(["::1", "10.0.0.1", "10.0.0.2", "127.0.0.1"], 8888);

test("host candidates begin with IPv4 and fall in priority", () => {
  expect(hosts.map((c) => c.address)).toEqual(["10.0.0.1", "10.0.0.2", "127.0.0.1", "::1"]);
  expect(hosts[0].priority).toBe(2130706431);
  expect(hosts[1].priority).toBeLessThan(hosts[0].priority);
});

test("every kind has its form and its place: host, reflexive, TCP, relayed", () => {
  const mapped = { address: "198.51.100.7", port: 4000 };
  const relayed = { address: "203.0.113.50", port: 50_000 };
  const all = [
    hosts[0],
    reflexiveCandidate(mapped, hosts[0]),
    tcpCandidates(hosts, 8889)[0],
    ...(["udp", "tcp", "tls"] as const).map((transport) => relayedCandidate(relayed, mapped, transport)),
  ];
  expect(all.map(formatCandidate)).toEqual([
    "candidate:1 1 udp 2130706431 10.0.0.1 8888 typ host",
    "candidate:s1 1 udp 1694498815 198.51.100.7 4000 typ srflx raddr 10.0.0.1 rport 8888",
    "candidate:t1 1 tcp 1520435199 10.0.0.1 8889 typ host tcptype passive",
    "candidate:r3 1 udp 767 203.0.113.50 50000 typ relay raddr 198.51.100.7 rport 4000",
    "candidate:r2 1 udp 511 203.0.113.50 50000 typ relay raddr 198.51.100.7 rport 4000",
    "candidate:r1 1 udp 255 203.0.113.50 50000 typ relay raddr 198.51.100.7 rport 4000",
  ]);
  const priorities = all.map(({ priority }) => priority);
  expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
  expect(new Set(all.map(({ foundation }) => foundation)).size).toBe(all.length);
  for (const candidate of all) {
    expect(parseCandidate(formatCandidate(candidate))).toMatchObject({ type: candidate.type });
  }
});

test("the candidate that talks to a remote address is of its family, loopback to loopback", () => {
  const towards = (address: string) => candidateTowards(hosts, { address, port: 1 }).address;
  expect(["192.0.2.1", "127.0.0.5", "2001:db8::1"].map(towards)).toEqual(["10.0.0.1", "127.0.0.1", "::1"]);
  expect(candidateTowards(hosts.slice(0, 1), { address: "::1", port: 1 }).address).toBe("10.0.0.1");
});
