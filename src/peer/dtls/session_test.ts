import { Buffer } from "node:buffer";
import { createPrivateKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { certificateBytes, createCertificate } from "../certificate.ts";
import type { DtlsState, SrtpKeys } from "../types.ts";
import { DtlsSession } from "./session.ts";

const ours = await identity();
const stranger = await identity();

async function identity() {
  const { certPem, keyPem } = await createCertificate();
  return { certificate: certificateBytes(certPem), key: createPrivateKey(keyPem) };
}

interface End {
  session: DtlsSession;
  keys: SrtpKeys[];
  states: DtlsState[];
  ends: string[];
}

/** A client and a server on one virtual clock; `path` sees every datagram and says what arrives instead. */
function open(
  path: (from: "client" | "server", datagram: Uint8Array) => Uint8Array[] = (_, datagram) => [datagram],
  client = ours,
) {
  const clock = new VirtualClock();
  const ends = {} as Record<"client" | "server", End>;
  const sent: { from: "client" | "server"; datagram: Uint8Array }[] = [];
  const side = (role: "client" | "server", own: typeof ours): End => {
    const end = { keys: [] as SrtpKeys[], states: [] as DtlsState[], ends: [] as string[] };
    const trusts = (certificate: Uint8Array) => Buffer.from(certificate).equals(ours.certificate);
    const session = new DtlsSession(role, { ...own, trusts }, { clock, connectMs: 60_000 }, {
      send: (datagram) => {
        sent.push({ from: role, datagram });
        const other = role === "client" ? "server" : "client";
        for (const arrived of path(role, datagram)) {
          clock.after(1, () => ends[other].session.receive(arrived));
        }
      },
      state: (state) => end.states.push(state),
      keys: (keys) => end.keys.push(keys),
      ended: (why, detail) => end.ends.push(`${why}: ${detail}`),
    });
    return { session, ...end };
  };
  ends.server = side("server", ours);
  ends.client = side("client", client);
  const start = (ms: number) => {
    ends.server.session.start();
    ends.client.session.start();
    clock.advance(ms);
  };
  return { clock, sent, start, ...ends };
}

function expectSameKeys(client: End, server: End): void {
  expect(client.keys).toHaveLength(1);
  expect(server.keys).toHaveLength(1);
  expect(client.keys[0].profile).toBe("AEAD_AES_128_GCM");
  expect(client.keys[0].localKey).toEqual(server.keys[0].remoteKey);
  expect(client.keys[0].remoteKey).toEqual(server.keys[0].localKey);
  expect(client.keys[0].localSalt).toEqual(server.keys[0].remoteSalt);
  expect(client.keys[0].localKey).not.toEqual(client.keys[0].remoteKey);
}

/** A reproducible source of numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a handshake", () => {
  test("takes two round trips and gives both sides the same keys", () => {
    const { client, server, start, sent } = open();
    start(10);
    expectSameKeys(client, server);
    expect(sent).toHaveLength(4);
    expect(client.states).toEqual(["connecting", "connected"]);
    expect(server.states).toEqual(["connecting", "connected"]);
  });

  test("outlives any mixture of loss, repetition and disorder", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const late = { client: [] as Uint8Array[], server: [] as Uint8Array[] };
      const { client, server, start } = open((from, datagram) => {
        const held = late[from];
        const dice = random();
        if (dice < 0.25) return [];
        if (dice < 0.4) {
          held.push(datagram);
          return [];
        }
        return dice < 0.6 ? [datagram, ...held.splice(0), datagram] : [datagram, ...held.splice(0)];
      });
      start(59_900);
      expectSameKeys(client, server);
    }
  });

  test("fails on the server's side when the client's certificate is another's", () => {
    const { client, server, start } = open(undefined, stranger);
    start(10);
    expect(server.ends).toEqual(["dtlsFailed: the certificate does not match the fingerprint of the SDP"]);
    expect(client.ends).toEqual(["dtlsFailed: the other side said bad_certificate"]);
    expect(server.keys).toEqual([]);
  });

  test("fails when the client has the right certificate but not its key", () => {
    const { server, start } = open(undefined, { certificate: ours.certificate, key: stranger.key });
    start(10);
    expect(server.ends).toEqual(["dtlsFailed: the signature of the other side is wrong"]);
    expect(server.keys).toEqual([]);
  });

  test("with a byte changed on the way never leaves both sides with different keys", () => {
    for (let target = 0; target < 4; target++) {
      for (let at = 13; at < 700; at += 11) {
        let count = 0;
        const { client, server, start } = open((_, datagram) => {
          const changed = datagram.slice();
          if (count++ === target && at < datagram.length) changed[at] ^= 0x40;
          return [changed];
        });
        start(2_000);
        expect(client.keys.map((k) => k.localKey)).toEqual(
          client.keys.length ? server.keys.map((k) => k.remoteKey) : [],
        );
      }
    }
  });

  test("fails when it takes longer than it may", () => {
    const { server, client, start, clock } = open(() => []);
    start(60_001);
    expect(server.ends).toEqual(["dtlsFailed: no handshake within 60000 ms"]);
    expect(client.ends).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe("a connected session", () => {
  function connected() {
    const rig = open();
    rig.start(10);
    rig.sent.length = 0;
    return rig;
  }

  test("says close_notify when it closes, and the other side ends", () => {
    const { client, server, clock, sent } = connected();
    server.session.close();
    clock.advance(5);
    expect(sent).toHaveLength(1);
    expect(sent[0].datagram[0]).toBe(21);
    expect(client.ends).toEqual(["dtlsClosed: the other side closed"]);
    expect(client.states.at(-1)).toBe("closed");
  });

  test("ignores forged alerts and hellos of epoch 0", () => {
    const { server, sent } = connected();
    const header = [0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99];
    server.session.receive(new Uint8Array([21, ...header, 0, 2, 2, 40]));
    server.session.receive(new Uint8Array([21, ...header, 0, 2, 1, 0]));
    const hello = open();
    hello.start(1);
    server.session.receive(hello.sent[0].datagram);
    expect(server.ends).toEqual([]);
    expect(sent).toEqual([]);
  });

  test("repeats its last flight when the client repeats its own, but only so often", () => {
    const { client, server, start, sent, clock } = open();
    start(10);
    const finished = sent.filter((s) => s.from === "client").at(-1)!.datagram;
    sent.length = 0;
    for (let i = 0; i < 100; i++) {
      clock.advance(60);
      server.session.receive(finished);
    }
    expect(sent).toHaveLength(16);
    expect(client.ends).toEqual([]);
  });

  test("drops a replayed close_notify of another session and garbage of every first byte", () => {
    const { server, client, sent } = connected();
    const other = connected();
    other.client.session.close();
    server.session.receive(other.sent[0].datagram);
    for (let first = 0; first < 256; first++) {
      server.session.receive(new Uint8Array(64).fill(first));
      client.session.receive(new Uint8Array([first]));
    }
    server.session.receive(new Uint8Array(0));
    expect(server.ends).toEqual([]);
    expect(sent).toEqual([]);
  });
});
