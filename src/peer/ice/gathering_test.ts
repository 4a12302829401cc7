import { expect, test } from "vitest";
import type { SocketAddress } from "../../base/mod.ts";
import type { Relay } from "../relay/relay.ts";
import type { Candidate } from "../sdp/candidate.ts";
import type { IceOptions } from "../types.ts";
import { Gathering } from "./gathering.ts";
import { relayedCandidate } from "./local_candidates.ts";

const server = { address: "203.0.113.5", port: 3478 };
const turnServer = { ...server, transport: "udp", username: "user", credential: "pass" } as const;
const mapped = { address: "198.51.100.7", port: 4000 };
const relayed = relayedCandidate({ address: "203.0.113.50", port: 50_000 }, mapped, "udp");
const plain: IceOptions = {
  networkInterfaces: [],
  externalIPv4: "",
  externalIPv6: "",
  stunServer: null,
  turnServer: null,
  tcp: false,
};

/** A gathering whose STUN and TURN servers a test moves by hand. `kept` is there before anybody asks. */
function open(options: Partial<IceOptions>, kept: { mapped?: SocketAddress; relay?: boolean } = {}) {
  const asked: ((mapped: SocketAddress | null) => void)[] = [];
  const waiting: ((candidate: Candidate | null) => void)[] = [];
  const relay = {
    candidate: kept.relay ? relayed : null as Candidate | null,
    whenReady: (done: (candidate: Candidate | null) => void) => void waiting.push(done),
  };
  const said = { found: [] as string[], done: 0, users: 0 };
  const gathering = new Gathering({ ...plain, ...options }, {
    reach: { addresses: ["203.0.113.1", "127.0.0.1"], port: 8888 },
    tcpPort: () => 8889,
    reflexive: { known: () => kept.mapped ?? null, ask: (_, done) => void asked.push(done) },
    relays: {
      find: () => kept.relay ? relay as unknown as Relay : null,
      acquire: () => (said.users++, relay as unknown as Relay),
      release: () => void said.users--,
    },
  }, { found: (candidate) => said.found.push(candidate.type), done: () => said.done++ });
  gathering.prepare();
  const kinds = () => gathering.candidates.map(({ type, protocol }) => `${type}/${protocol}`);
  const allocate = () => {
    relay.candidate = relayed;
    for (const done of waiting.splice(0)) done(relayed);
  };
  return { gathering, said, kinds, asked, waiting, allocate };
}

test("without servers the host candidates are all, and that is said at once", () => {
  const { gathering, kinds, said } = open({});
  expect([kinds(), gathering.complete]).toEqual([["host/udp", "host/udp"], true]);
  gathering.start();
  gathering.start();
  expect(said.done).toBe(1);
});

test("TCP candidates follow where they are wanted", () => {
  expect(open({ tcp: true }).kinds()).toEqual(["host/udp", "host/udp", "host/tcp", "host/tcp"]);
});

test("what STUN and TURN find is told as it comes, and the end when both have spoken", () => {
  const { gathering, kinds, said, asked, allocate } = open({ stunServer: server, turnServer });
  expect(gathering.complete).toBe(false);
  gathering.start();
  expect([said.found, said.done]).toEqual([[], 0]);
  allocate();
  expect([said.found, said.done, gathering.relay !== null]).toEqual([["relay"], 0, true]);
  asked[0](mapped);
  expect([said.found, said.done, gathering.complete]).toEqual([["relay", "srflx"], 1, true]);
  expect(kinds()).toEqual(["host/udp", "host/udp", "relay/udp", "srflx/udp"]);
});

test("servers that do not answer end it too", () => {
  const { gathering, said, asked, waiting } = open({ stunServer: server, turnServer });
  gathering.start();
  asked[0](null);
  waiting[0](null);
  expect([said.found, said.done, gathering.relay]).toEqual([[], 1, null]);
});

test("a host that is seen as what it is makes no reflexive candidate", () => {
  const { gathering, said, asked, kinds } = open({ stunServer: server });
  gathering.start();
  asked[0]({ address: "203.0.113.1", port: 8888 });
  expect([said.found, said.done, kinds()]).toEqual([[], 1, ["host/udp", "host/udp"]]);
});

test("what the plane keeps ready is in the first description", () => {
  const { gathering, kinds, asked, said } = open({ stunServer: server, turnServer }, { mapped, relay: true });
  expect(kinds()).toEqual(["host/udp", "host/udp", "srflx/udp", "relay/udp"]);
  expect(gathering.complete).toBe(true);
  gathering.start();
  expect([asked.length, said.done, said.users]).toEqual([0, 1, 1]);
  gathering.close();
  expect(said.users).toBe(0);
});

test("after the end nothing is said any more, and the relay is given back", () => {
  const { gathering, said, asked, allocate } = open({ stunServer: server, turnServer });
  gathering.start();
  gathering.close();
  asked[0](mapped);
  allocate();
  expect([said.found, said.done, said.users]).toEqual([[], 0, 0]);
});
