import { expect, test } from "vitest";
import type { SocketAddress } from "../../base/mod.ts";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import type { IceConsent, IceState } from "../types.ts";
import { IceAgent } from "./agent.ts";
import { hostCandidates } from "./local_candidates.ts";
import { encodeStun, parseStun, type StunMessage, verifyIntegrity } from "./stun.ts";

const theirs = { ufrag: "theirs", password: "their-password-of-22-characters" };
const newer = { ufrag: "newer", password: "newer-password-of-22-characters" };
const home = { address: "198.51.100.1", port: 4000 };
const away = { address: "198.51.100.9", port: 4001 };

/** An agent whose pair is kept up by the test, and a remote side that answers every check while `answers`. */
function open() {
  const clock = new VirtualClock();
  const kept: (IceConsent | null)[] = [];
  const checked: SocketAddress[] = [];
  const [states, ends]: [IceState[], string[]] = [[], []];
  const remote = { answers: true, credentials: theirs };
  const agent = new IceAgent({
    clock,
    local: { candidates: hostCandidates(["203.0.113.1"], 8888), relay: null },
    detours: { at: () => undefined, loop: () => Promise.resolve(null) },
    timeouts: { connectMs: 10_000, consentMs: 30_000 },
    directory: {
      addUfrag: () => {},
      dropUfrag: () => {},
      hasUfrag: () => false,
      addCheck: () => {},
      dropCheck: () => {},
    },
  }, {
    send: (to, bytes) => {
      const { kind, transactionId } = parseStun(bytes)!;
      if (kind !== "request") return;
      checked.push(to);
      if (remote.answers) {
        clock.after(1, () => take(to, { kind: "success", transactionId }, remote.credentials.password));
      }
    },
    admit: () => {},
    select: () => {},
    state: (state) => states.push(state),
    keepConsent: (consent) => kept.push(consent),
    ended: (end) => ends.push(end),
  });
  const take = (from: SocketAddress, message: StunMessage, password: string) => {
    const bytes = encodeStun(message, password);
    agent.handle(from, bytes, parseStun(bytes)!);
  };
  const request = (from: SocketAddress, fields: Partial<StunMessage> = {}) =>
    take(from, {
      kind: "request",
      transactionId: "ab".repeat(12),
      username: `${agent.local.ufrag}:${remote.credentials.ufrag}`,
      priority: 100,
      ...fields,
    }, agent.local.password);
  return { clock, agent, kept, checked, states, ends, remote, request };
}

/** Connected, with the pair given away. */
function connected() {
  const scene = open();
  scene.agent.start("controlled", theirs, []);
  scene.request(home, { useCandidate: true, controlling: 1n });
  scene.clock.advance(100);
  scene.checked.length = 0;
  return scene;
}

test("a pair is given away once the peer has answered a check of it, with a request that is signed", () => {
  const { agent, kept } = connected();
  expect(kept).toHaveLength(1);
  const [{ request, ...consent }] = kept as [IceConsent];
  expect(consent).toEqual({
    username: `${agent.local.ufrag}:theirs`,
    localPassword: agent.local.password,
    remotePassword: theirs.password,
    controlling: false,
    periodMs: 5000,
  });
  const message = parseStun(request)!;
  expect(message).toMatchObject({ kind: "request", username: `theirs:${agent.local.ufrag}` });
  expect(message.controlled).toBeTypeOf("bigint");
  expect(message.useCandidate).toBeUndefined();
  expect(verifyIntegrity(request, message, theirs.password)).toBe(true);
});

test("while it is away the agent sends no checks, and stays connected as long as answers are heard of", () => {
  const { agent, clock, checked, states, kept } = connected();
  for (let i = 0; i < 20; i++) {
    clock.advance(6000);
    agent.heardConsent();
  }
  expect(checked).toEqual([]);
  expect(states.at(-1)).toBe("connected");
  expect(kept).toHaveLength(1);
});

test("silence takes the pair back: the agent checks at once, is disconnected, and gives up when consent has expired", () => {
  const { agent, clock, checked, states, ends, kept, remote } = connected();
  remote.answers = false;
  clock.advance(10_100);
  expect(states.at(-1)).toBe("disconnected");
  expect(kept.at(-1)).toBeNull();
  clock.advance(6000);
  expect(checked.length).toBeGreaterThanOrEqual(1);
  // What comes late from there is no news of this pair any more.
  agent.heardConsent();
  expect(states.at(-1)).toBe("disconnected");
  clock.advance(15_000);
  expect(ends).toEqual(["consentExpired"]);
});

test("a peer that answers again is connected again, and its pair given away again", () => {
  const { clock, states, kept, remote } = connected();
  remote.answers = false;
  clock.advance(12_000);
  remote.answers = true;
  clock.advance(7000);
  expect(states.slice(-2)).toEqual(["disconnected", "connected"]);
  expect(kept.map((consent) => consent !== null)).toEqual([true, false, true]);
});

test("while another pair is nominated the agent sees every check itself", () => {
  const { clock, kept, request } = connected();
  request(away, { useCandidate: true, priority: 50 });
  expect(kept.at(-1)).toBeNull();
  clock.advance(200);
  expect(kept.at(-1)).toBeNull();
  request(home, { useCandidate: true });
  expect(kept.at(-1)).not.toBeNull();
});

test("a pair that is moved to is given away in place of the old one", () => {
  const { clock, kept, request } = connected();
  request(away, { useCandidate: true, priority: 5000 });
  clock.advance(200);
  expect(kept.length).toBeGreaterThanOrEqual(2);
  expect(kept.at(-1)).not.toBeNull();
});

test("a restart takes the pair back, and gives the new one away with the new credentials", () => {
  const { agent, clock, kept, request, remote } = connected();
  remote.credentials = newer;
  agent.restart(newer, []);
  expect(kept.at(-1)).toBeNull();
  request(away, { useCandidate: true, controlling: 1n });
  clock.advance(200);
  expect(kept.at(-1)).toMatchObject({
    username: `${agent.local.ufrag}:newer`,
    remotePassword: newer.password,
  });
});

test("a controlling agent's checks nominate the pair they keep", () => {
  const { agent, clock, kept } = open();
  const candidate = { foundation: "1", component: 1, protocol: "udp", priority: 1000, type: "host" } as const;
  agent.start("controlling", theirs, [{ ...candidate, ...home }]);
  clock.advance(1000);
  expect(kept.at(-1)).toMatchObject({ controlling: true });
  expect(parseStun(kept.at(-1)!.request)).toMatchObject({ useCandidate: true });
});

test("a peer that never answered a check keeps its pair with the agent, and lives by its media", () => {
  const { agent, clock, kept, request, remote } = open();
  remote.answers = false;
  agent.start("controlled", theirs, []);
  request(home, { useCandidate: true });
  clock.advance(500);
  expect(kept).toEqual([]);
  expect(agent.livesByMedia).toBe(true);
  expect(connected().agent.livesByMedia).toBe(false);
});

test("an agent that is over says nothing more", () => {
  const { agent, kept, clock } = connected();
  agent.close();
  agent.heardConsent();
  clock.advance(60_000);
  expect(kept).toHaveLength(1);
});
