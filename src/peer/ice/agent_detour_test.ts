import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import type { SocketAddress } from "../../base/mod.ts";
import type { Detour } from "../detour/detours.ts";
import type { Relay } from "../relay/relay.ts";
import { type Candidate, parseCandidate } from "../sdp/candidate.ts";
import { IceAgent } from "./agent.ts";
import { hostCandidates, relayedCandidate, tcpCandidates } from "./local_candidates.ts";
import { addressKey } from "./pair.ts";
import { encodeStun, parseStun, type StunMessage } from "./stun.ts";

const theirs = { ufrag: "theirs", password: "their-password-of-22-characters" };
const neighbour = { ...theirs, ufrag: "neighbour" };
const real = { address: "198.51.100.1", port: 4000 };
const hosts = hostCandidates(["203.0.113.1"], 8888);
const relayed = relayedCandidate({ address: "203.0.113.50", port: 50_000 }, hosts[0], "udp");
const [passive] = tcpCandidates(hosts, 8889);
const signalled = parseCandidate(`candidate:1 1 udp 2000000000 ${real.address} ${real.port} typ host`)!;

/** Stands in for a detour: a place on loopback and who holds it. */
class FakeDetour {
  readonly holders = new Set<object>();
  isOpen = true;
  readonly far: { remote: SocketAddress; local: Candidate };
  constructor(readonly address: SocketAddress, local: Candidate) {
    this.far = { remote: real, local };
  }
  hold(holder: object) {
    this.holders.add(holder);
  }
  drop(holder: object) {
    this.holders.delete(holder);
  }
  isHeldByOther(holder: object) {
    return this.holders.size > 0 && !this.holders.has(holder);
  }
}

function open(withRelay = true) {
  const clock = new VirtualClock();
  const detours = new Map<string, FakeDetour>();
  const sent: { to: SocketAddress; message: StunMessage }[] = [];
  const selected: { address: SocketAddress; localCandidate: string; remoteCandidate: string }[] = [];
  const reached: SocketAddress[] = [];
  let loops = 0;
  const addDetour = (port: number, local: Candidate) => {
    const detour = new FakeDetour({ address: "127.0.0.1", port }, local);
    detours.set(addressKey(detour.address), detour);
    return detour;
  };
  const relay = {
    reach(remote: SocketAddress) {
      reached.push(remote);
      return Promise.resolve(addDetour(6000 + reached.length, relayed) as unknown as Detour);
    },
  } as Relay;
  const agent = new IceAgent({
    clock,
    local: { candidates: hosts, relay: withRelay ? relay : null },
    detours: {
      at: (address) => detours.get(addressKey(address)) as unknown as Detour,
      loop: (local) => Promise.resolve(addDetour(7000 + ++loops, local) as unknown as Detour),
    },
    timeouts: { connectMs: 10_000, consentMs: 30_000 },
    directory: {
      addUfrag: () => {},
      dropUfrag: () => {},
      hasUfrag: (ufrag) => ufrag === neighbour.ufrag,
      addCheck: () => {},
      dropCheck: () => {},
    },
  }, {
    send: (to, bytes) => sent.push({ to, message: parseStun(bytes)! }),
    admit: () => {},
    select: (address, pair) => selected.push({ address, ...pair }),
    state: () => {},
    ended: () => {},
  });
  let transaction = 0;
  const request = (from: SocketAddress, fields: Partial<StunMessage> = {}) => {
    const transactionId = (++transaction).toString(16).padStart(24, "0");
    const username = `${agent.local.ufrag}:theirs`;
    const bytes = encodeStun(
      { kind: "request", transactionId, username, priority: 1_000_000_000, controlling: 1n, ...fields },
      agent.local.password,
    );
    return agent.handle(from, bytes, parseStun(bytes)!);
  };
  const checksTo = (port: number) => sent.filter((s) => s.message.kind === "request" && s.to.port === port);
  const answer = (from: SocketAddress) => {
    const { transactionId } = checksTo(from.port).at(-1)!.message;
    const bytes = encodeStun({ kind: "success", transactionId, mappedAddress: real }, theirs.password);
    return agent.handle(from, bytes, parseStun(bytes)!);
  };
  return { clock, agent, sent, selected, reached, addDetour, request, checksTo, answer, loops: () => loops };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

describe("a check that comes by a detour", () => {
  test("is answered with where the peer really is, and the pair has its real names", () => {
    const { agent, addDetour, request, sent, selected } = open(false);
    agent.start("controlled", theirs, []);
    const detour = addDetour(5000, passive);
    expect(request(detour.address, { useCandidate: true })).toBe(true);
    expect(sent[0]).toMatchObject({ to: detour.address, message: { kind: "success", mappedAddress: real } });
    expect(selected).toEqual([{
      address: detour.address,
      localCandidate: "candidate:t1 1 tcp 1520435199 203.0.113.1 8889 typ host tcptype passive",
      remoteCandidate: "candidate:prflx 1 tcp 1000000000 198.51.100.1 4000 typ prflx tcptype active",
    }]);
    expect(detour.holders.has(agent)).toBe(true);
  });

  test("by a TCP connection of another peer is not taken, signed or not", () => {
    const { agent, addDetour, request, sent } = open(false);
    agent.start("controlled", theirs, []);
    const detour = addDetour(5000, passive);
    detour.hold({});
    expect(request(detour.address)).toBe(false);
    expect([sent, detour.holders.has(agent)]).toEqual([[], false]);
  });

  test("makes a pair below the direct ones, whatever the peer says of it", () => {
    const { agent, addDetour, request, selected, clock, checksTo, answer } = open(false);
    agent.start("controlling", theirs, []);
    const detour = addDetour(5000, relayed);
    request(detour.address, { controlling: undefined, controlled: 1n, priority: 2_000_000_000 });
    request(real, { controlling: undefined, controlled: 1n, priority: 1000 });
    clock.advance(100);
    answer(detour.address);
    answer(real);
    clock.advance(300);
    expect(checksTo(real.port).at(-1)!.message.useCandidate).toBe(true);
    answer(real);
    expect(selected.map(({ address }) => address)).toEqual([real]);
    const [direct, around] = [checksTo(real.port)[0], checksTo(detour.address.port)[0]];
    expect(around.message.priority).toBeLessThan(direct.message.priority!);
  });
});

describe("our relay", () => {
  test("is tried when a quarter of a second has brought no pair, once for each candidate", async () => {
    const { agent, clock, reached, checksTo, answer, request, selected } = open();
    agent.start("controlled", theirs, [signalled]);
    clock.advance(249);
    expect(reached).toEqual([]);
    clock.advance(1);
    expect(reached).toEqual([real]);
    await settled();
    clock.advance(200);
    const place = { address: "127.0.0.1", port: 6001 };
    expect(checksTo(place.port).length).toBeGreaterThan(0);
    answer(place);
    request(place, { useCandidate: true });
    expect(selected).toEqual([{
      address: place,
      localCandidate: "candidate:r3 1 udp 767 203.0.113.50 50000 typ relay raddr 203.0.113.1 rport 8888",
      remoteCandidate: "candidate:1 1 udp 2000000000 198.51.100.1 4000 typ host",
    }]);
    clock.advance(5000);
    expect(reached).toHaveLength(1);
  });

  test("is left alone where the peer is reached without", () => {
    const { agent, clock, reached, request } = open();
    agent.start("controlled", theirs, [signalled]);
    request(real, { useCandidate: true });
    clock.advance(9000);
    expect(reached).toEqual([]);
  });

  test("is tried for candidates that come later, up to a bound", () => {
    const { agent, clock, reached } = open();
    agent.start("controlled", theirs, []);
    clock.advance(1000);
    for (let port = 1; port <= 40; port++) agent.addCandidate({ ...signalled, port });
    clock.advance(1);
    expect(reached).toHaveLength(16);
  });

  test("keeps its ways for the last words, and lets go of them then", async () => {
    const { agent, clock, addDetour, request } = open(false);
    agent.start("controlled", theirs, []);
    const detour = addDetour(5000, relayed);
    request(detour.address);
    agent.close();
    clock.advance(499);
    expect(detour.holders.size).toBe(1);
    clock.advance(1);
    expect([detour.holders.size, clock.pending]).toEqual([0, 0]);
    await settled();
  });
});

describe("an agent of the same port", () => {
  const self = { ...signalled, address: hosts[0].address, port: hosts[0].port };

  test("is met by one loop for each of its credentials, and never by the port itself", async () => {
    const { agent, clock, checksTo, answer, selected, loops } = open(false);
    agent.start("controlling", neighbour, [self]);
    agent.addCandidate(self);
    await settled();
    clock.advance(100);
    const place = { address: "127.0.0.1", port: 7001 };
    answer(place);
    clock.advance(300);
    answer(place);
    const own = "candidate:1 1 udp 2130706431 203.0.113.1 8888 typ host";
    expect(selected).toEqual([{ address: place, localCandidate: own, remoteCandidate: own }]);
    expect([loops(), checksTo(self.port)]).toEqual([1, []]);
    agent.restart(neighbour, [self]);
    await settled();
    clock.advance(100);
    expect([loops(), checksTo(self.port), checksTo(7002).length > 0]).toEqual([2, [], true]);
  });

  test("opens the loop where it is in control; the controlled one waits for a check", async () => {
    const { agent, addDetour, clock, checksTo, request, selected, loops } = open(false);
    agent.start("controlled", neighbour, [self]);
    await settled();
    clock.advance(1000);
    expect([loops(), checksTo(self.port)]).toEqual([0, []]);
    const end = addDetour(7100, hosts[0]);
    request(end.address, { useCandidate: true });
    expect(selected.map(({ address }) => address)).toEqual([end.address]);
  });

  test("that is over before its loop is there leaves the loop alone", async () => {
    const { agent, loops, sent } = open(false);
    agent.start("controlling", neighbour, []);
    agent.close();
    await settled();
    expect([loops(), sent]).toEqual([1, []]);
  });
});
