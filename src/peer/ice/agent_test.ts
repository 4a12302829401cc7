import { describe, expect, test } from "vitest";
import type { SocketAddress } from "../../base/mod.ts";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { parseCandidate } from "../sdp/candidate.ts";
import type { IceState } from "../types.ts";
import { IceAgent } from "./agent.ts";
import { hostCandidates } from "./local_candidates.ts";
import { encodeStun, parseStun, type StunMessage, verifyIntegrity } from "./stun.ts";

const theirs = { ufrag: "theirs", password: "their-password-of-22-characters" };
const home = { address: "198.51.100.1", port: 4000 };
const away = { address: "198.51.100.9", port: 4001 };

/** An agent, what it sent and said, and a remote side that a test moves by hand. */
function open(consentMs = 30_000) {
  const clock = new VirtualClock();
  const sent: { to: SocketAddress; bytes: Uint8Array; message: StunMessage }[] = [];
  const said = {
    admitted: [] as SocketAddress[],
    selected: [] as SocketAddress[],
    states: [] as IceState[],
    ends: [] as string[],
  };
  const ufrags = new Set<string>();
  const checks = new Set<string>();
  const agent = new IceAgent({
    clock,
    local: { candidates: hostCandidates(["203.0.113.1"], 8888), relay: null },
    detours: { at: () => undefined, loop: () => Promise.resolve(null) },
    timeouts: { connectMs: 10_000, consentMs },
    directory: {
      addUfrag: (ufrag) => ufrags.add(ufrag),
      dropUfrag: (ufrag) => ufrags.delete(ufrag),
      hasUfrag: (ufrag) => ufrags.has(ufrag),
      addCheck: (id) => checks.add(id),
      dropCheck: (id) => checks.delete(id),
    },
  }, {
    send: (to, bytes) => sent.push({ to, bytes, message: parseStun(bytes)! }),
    admit: (address) => said.admitted.push(address),
    select: (address) => said.selected.push(address),
    state: (state) => said.states.push(state),
    ended: (end) => said.ends.push(end),
  });
  let transaction = 0;
  const request = (
    from: SocketAddress,
    fields: Partial<StunMessage> = {},
    password = agent.local.password,
  ) => {
    const transactionId = (++transaction).toString(16).padStart(24, "0");
    const username = `${agent.local.ufrag}:theirs`;
    const bytes = encodeStun(
      { kind: "request", transactionId, username, priority: 100, ...fields },
      password,
    );
    return agent.handle(from, bytes, parseStun(bytes)!);
  };
  const requests = () => sent.filter((s) => s.message.kind === "request");
  /** Answers our last check to the address. */
  const answer = (from: SocketAddress, fields: Partial<StunMessage> = {}, password = theirs.password) => {
    const check = requests().findLast((s) => s.to.address === from.address)!;
    const bytes = encodeStun({
      kind: "success",
      transactionId: check.message.transactionId,
      mappedAddress: home,
      ...fields,
    }, password);
    return agent.handle(from, bytes, parseStun(bytes)!);
  };
  return { clock, agent, sent, requests, request, answer, ufrags, checks, ...said };
}

const host = ({ address, port }: SocketAddress, priority = 1000) =>
  parseCandidate(`candidate:1 1 udp ${priority} ${address} ${port} typ host`)!;

describe("a controlled agent", () => {
  test("answers a valid check from anywhere, admits its source and checks back", () => {
    const { agent, request, sent, admitted, requests, clock } = open();
    agent.start("controlled", theirs, []);
    expect(request(home, { controlling: 1n })).toBe(true);
    expect(sent[0].message).toMatchObject({ kind: "success", mappedAddress: home });
    expect(verifyIntegrity(sent[0].bytes, parseStun(sent[0].bytes)!, agent.local.password)).toBe(true);
    expect(admitted).toEqual([home]);
    clock.advance(60);
    expect(requests()[0].message.username).toBe(`theirs:${agent.local.ufrag}`);
    expect(requests()[0].message.controlled).toBeTypeOf("bigint");
  });

  test("says nothing to a check with a wrong password or without one", () => {
    const { agent, request, sent, admitted } = open();
    agent.start("controlled", theirs, []);
    expect(request(home, {}, "wrong")).toBe(false);
    expect(request(home, { username: "nobody:theirs" })).toBe(false);
    expect(sent).toEqual([]);
    expect(admitted).toEqual([]);
  });

  test("selects what is nominated, even by a peer that names no role and answers nothing", () => {
    const { agent, request, selected, states } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true, priority: undefined });
    expect(selected).toEqual([home]);
    expect(states).toEqual(["checking", "connected"]);
  });

  test("follows a peer that moves, but not one that nominates everything once", () => {
    const { agent, request, answer, selected, clock } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    request(away, { useCandidate: true, priority: 50 });
    clock.advance(110);
    answer(away);
    request(home, { useCandidate: true });
    request(away, { useCandidate: true, priority: 50 });
    expect(selected).toEqual([home]);
    request(away, { useCandidate: true, priority: 50 });
    expect(selected).toEqual([home, away]);
  });

  test("takes a pair of higher priority as soon as it has answered a check", () => {
    const { agent, request, answer, selected, clock } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    request(away, { useCandidate: true, priority: 5000 });
    clock.advance(110);
    expect(selected).toEqual([home]);
    answer(away);
    expect(selected).toEqual([home, away]);
  });

  test("does not move media because a recorded request comes again from elsewhere", () => {
    const { agent, request, answer, selected, clock } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    clock.advance(60);
    answer(home);
    for (let i = 0; i < 20; i++) {
      request(away, { useCandidate: true, priority: 5000 });
      clock.advance(100);
    }
    expect(selected).toEqual([home]);
  });

  test("resolves a role conflict by the tie-breakers", () => {
    const { agent, request, sent, requests, clock } = open();
    agent.start("controlled", theirs, []);
    request(home, { controlled: 2n ** 64n - 1n });
    expect(sent[0].message).toMatchObject({ kind: "error", errorCode: 487 });
    request(home, { controlled: 0n });
    clock.advance(60);
    expect(requests()[0].message.controlling).toBeTypeOf("bigint");
  });
});

describe("checks to signalled candidates", () => {
  test("are paced and end after a bounded number", () => {
    const { agent, clock, requests } = open();
    const candidates = Array.from(
      { length: 200 },
      (_, i) => host({ address: `192.0.2.${i + 1}`, port: 5000 }),
    );
    agent.start("controlled", theirs, candidates);
    clock.advance(1000);
    expect(requests().length).toBeLessThanOrEqual(21);
    clock.advance(8900);
    expect(new Set(requests().map((s) => s.to.address)).size).toBeLessThanOrEqual(64);
    expect(requests().length).toBeLessThanOrEqual(64 * 8);
  });

  test("to one silent address are eight at most", () => {
    const { agent, clock, requests } = open();
    agent.start("controlled", theirs, [host(home)]);
    clock.advance(9900);
    expect(requests()).toHaveLength(8);
  });

  test("stop when a pair is selected", () => {
    const { agent, clock, requests, request, answer } = open();
    agent.start("controlled", theirs, [host(home), host(away)]);
    request(home, { useCandidate: true });
    clock.advance(60);
    answer(home);
    const before = requests().length;
    clock.advance(3900);
    expect(requests().length - before).toBeLessThanOrEqual(1);
  });
});

describe("a controlling agent", () => {
  test("nominates the best pair that answered", () => {
    const { agent, clock, requests, answer, selected } = open();
    agent.start("controlling", theirs, [host(away, 10), host(home, 1000)]);
    clock.advance(60);
    expect(answer(away)).toBe(true);
    expect(answer(home)).toBe(true);
    expect(selected).toEqual([]);
    clock.advance(200);
    expect(requests().at(-1)!).toMatchObject({ to: home, message: { useCandidate: true } });
    answer(home);
    expect(selected).toEqual([home]);
  });

  test("takes no response that is forged or comes from elsewhere", () => {
    const { agent, clock, answer, requests } = open();
    agent.start("controlling", theirs, [host(home)]);
    clock.advance(10);
    expect(answer(home, {}, "wrong")).toBe(false);
    const check = requests()[0];
    const bytes = encodeStun(
      { kind: "success", transactionId: check.message.transactionId },
      theirs.password,
    );
    expect(agent.handle(away, bytes, parseStun(bytes)!)).toBe(false);
    expect(answer(home)).toBe(true);
  });

  test("turns controlled when the peer answers 487", () => {
    const { agent, clock, answer, requests } = open();
    agent.start("controlling", theirs, [host(home)]);
    clock.advance(10);
    answer(home, { kind: "error", errorCode: 487, mappedAddress: undefined });
    clock.advance(60);
    expect(requests().at(-1)!.message.controlled).toBeTypeOf("bigint");
  });
});

describe("time", () => {
  test("ends a session that never connects", () => {
    const { agent, clock, ends, ufrags, checks } = open();
    agent.start("controlled", theirs, [host(home)]);
    clock.advance(9_999);
    expect(ends).toEqual([]);
    clock.advance(2);
    expect(ends).toEqual(["iceTimeout"]);
    expect(ufrags.size + checks.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("ends one whose peer answered once and does so no more, whatever media comes", () => {
    const { agent, clock, request, answer, ends, states } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    clock.advance(60);
    answer(home);
    for (let i = 0; i < 29; i++) {
      clock.advance(1000);
      agent.heardMedia();
    }
    expect(states.at(-1)).toBe("disconnected");
    clock.advance(2000);
    expect(ends).toEqual(["consentExpired"]);
  });

  test("keeps one whose peer answers consent checks", () => {
    const { agent, clock, request, answer, ends, states, requests } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    for (let i = 0; i < 120; i++) {
      clock.advance(1000);
      answer(home);
    }
    expect(ends).toEqual([]);
    expect(states.at(-1)).toBe("connected");
    expect(requests().length).toBeGreaterThanOrEqual(20);
    expect(requests().length).toBeLessThanOrEqual(32);
  });

  test("checks oftener where consent expires sooner, so that an answering peer is kept", () => {
    const { agent, clock, request, answer, ends } = open(5000);
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    for (let i = 0; i < 600; i++) {
      clock.advance(100);
      answer(home);
    }
    expect(ends).toEqual([]);
  });

  test("keeps one that answers no checks as long as media comes", () => {
    const { agent, clock, request, ends } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    for (let i = 0; i < 12; i++) {
      clock.advance(10_000);
      agent.heardMedia();
    }
    expect(ends).toEqual([]);
    clock.advance(30_001);
    expect(ends).toEqual(["consentExpired"]);
  });
});

describe("a restart", () => {
  test("keeps the old pair until the new generation has one", () => {
    const { agent, clock, request, answer, selected, ufrags, states } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    const old = { ...agent.local };
    agent.restart({ ufrag: "again", password: theirs.password }, []);
    expect(agent.local.ufrag).not.toBe(old.ufrag);
    expect(request(home, { username: `${old.ufrag}:theirs` }, old.password)).toBe(true);
    expect(ufrags.size).toBe(2);
    request(away, { useCandidate: true });
    clock.advance(110);
    answer(away);
    expect(selected).toEqual([home, away]);
    expect([...ufrags]).toEqual([agent.local.ufrag]);
    clock.advance(60);
    expect(states.at(-1)).toBe("connected");
  });

  test("that leads nowhere leaves the old pair up", () => {
    const { agent, clock, request, answer, ends, ufrags } = open();
    agent.start("controlled", theirs, []);
    request(home, { useCandidate: true });
    const old = agent.local.ufrag;
    agent.restart({ ufrag: "again", password: theirs.password }, [host(away)]);
    for (let i = 0; i < 40; i++) {
      clock.advance(1000);
      answer(home);
    }
    expect(ends).toEqual([]);
    expect([...ufrags]).toEqual([old]);
  });
});

test("candidates beyond the bound are not held, and a closed agent holds no timer", () => {
  const { agent, clock, request, admitted, sent } = open();
  agent.start("controlled", theirs, []);
  for (let port = 1; port <= 500; port++) request({ address: "198.51.100.1", port });
  expect(admitted.length).toBeLessThanOrEqual(128);
  agent.close();
  expect(clock.pending).toBe(0);
  const before = sent.length;
  expect(request(home)).toBe(false);
  expect(sent.length).toBe(before);
});
