import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import { createCertificate } from "../certificate.ts";
import { readCertificate } from "../certificate_pem.ts";
import type { DtlsState, SrtpKeys } from "../types.ts";
import { DtlsSession } from "./session.ts";

const ours = await createCertificate();
const stranger = await createCertificate();

interface End {
  session: DtlsSession;
  keys: SrtpKeys[];
  states: DtlsState[];
  data: Uint8Array[];
  ends: string[];
}

/** A client and a server on one virtual clock; `path` sees every datagram and says what arrives instead. */
function open(
  path: (from: "client" | "server", datagram: Uint8Array) => Uint8Array[] = (_, datagram) => [datagram],
  client = ours,
  own = ours,
) {
  const clock = new VirtualClock();
  const ends = {} as Record<"client" | "server", End>;
  const sent: { from: "client" | "server"; datagram: Uint8Array }[] = [];
  const side = (role: "client" | "server", certificate: typeof ours): End => {
    const end: Omit<End, "session"> = { keys: [], states: [], data: [], ends: [] };
    const trusts = (remote: Uint8Array) => [ours, own].some(({ bytes }) => Buffer.from(remote).equals(bytes));
    const session = new DtlsSession(role, { certificate, trusts }, { clock, connectMs: 60_000 }, {
      send: (datagram) => {
        sent.push({ from: role, datagram });
        const other = role === "client" ? "server" : "client";
        for (const arrived of path(role, datagram)) {
          clock.after(1, () => ends[other].session.receive(arrived));
        }
      },
      state: (state) => end.states.push(state),
      keys: (keys) => end.keys.push(keys),
      data: (plain) => end.data.push(plain),
      ended: (why, detail) => end.ends.push(`${why}: ${detail}`),
    });
    return { session, ...end };
  };
  ends.server = side("server", own);
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

/** A record of epoch 0 or of what is said to be protected. */
function recordOf(contentType: number, epoch: number, fragment: Uint8Array): Uint8Array {
  const header = [contentType, 0xfe, 0xfd, epoch >> 8, epoch & 255, 0, 0, 0, 0, 9, 9, 0, fragment.length];
  return new Uint8Array([...header, ...fragment]);
}

/** A handshake message of 12 bytes with the sequence number of the client's Finished. */
function handshakeRecord(type: number, epoch: number): Uint8Array {
  const header = [type, 0, 0, 12, 0, 4, 0, 0, 0, 0, 0, 12];
  return recordOf(22, epoch, new Uint8Array([...header, ...new Uint8Array(12)]));
}

/** Where the last record of a datagram begins. */
function lastRecordAt(datagram: Uint8Array): number {
  let [at, last] = [0, 0];
  while (at < datagram.length) {
    last = at;
    at += 13 + datagram[at + 11] * 256 + datagram[at + 12];
  }
  return last;
}

/** RSA with long names, by OpenSSL. */
async function largeCertificate() {
  const names = [..."abcdefgh"].map((letter) => `/OU=${letter.repeat(60)}`).join("");
  const { stdout } = await new Deno.Command("openssl", {
    args: [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "-",
      "-days",
      "2",
      "-subj",
      `/CN=x${names}`,
    ],
    stderr: "null",
  }).output();
  return readCertificate("RSA", new TextDecoder().decode(stdout));
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
    const { server, start } = open(undefined, { ...ours, key: stranger.key });
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

  test("takes certificates larger than a datagram, whatever becomes of their pieces", async () => {
    const large = await largeCertificate();
    expect(large.bytes.length).toBeGreaterThan(1200);
    const random = seeded(7);
    const { client, server, start, sent } = open(
      (_, datagram) => random() < 0.2 ? [] : random() < 0.2 ? [datagram, datagram] : [datagram],
      large,
      large,
    );
    start(59_000);
    expectSameKeys(client, server);
    expect(Math.max(...sent.map(({ datagram }) => datagram.length))).toBeLessThanOrEqual(1200);
  });

  test("is not impressed by ChangeCipherSpec, wherever it is put in", () => {
    const spec = new Uint8Array([20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 77, 0, 1, 1]);
    const { client, server, start } = open((_, datagram) => [spec, datagram, spec]);
    start(10);
    expectSameKeys(client, server);
  });

  test("takes a Finished under protection only, and nothing else there", () => {
    const bare = (type: number, epoch: number) => (from: string, datagram: Uint8Array) =>
      from === "client" && datagram.length > 300
        ? [datagram.slice(0, lastRecordAt(datagram)), handshakeRecord(type, epoch)]
        : [datagram];
    const { server, start } = open(bare(20, 0));
    start(10);
    expect(server.ends[0]).toBe("dtlsFailed: handshake message 20 came in epoch 0");
    expect(server.keys).toEqual([]);
  });

  test("drops records of epochs that there are not, before and after it", () => {
    const odd = [2, 3, 0xffff].map((epoch) => handshakeRecord(1, epoch));
    const { client, server, start, sent } = open((_, datagram) => [...odd, datagram, ...odd]);
    start(10);
    expectSameKeys(client, server);
    expect(sent).toHaveLength(4);
  });

  test("is not hurried by a flood: what one hello brings about is bounded in bytes and ends with the time", () => {
    const { server, start, sent, clock } = open((from) => from === "server" ? [] : []);
    start(0);
    const hello = sent[0].datagram;
    sent.length = 0;
    for (let i = 0; i < 2000; i++) {
      server.session.receive(hello);
      clock.advance(10);
    }
    const fromServer = sent.filter(({ from }) => from === "server");
    expect(fromServer.length).toBeLessThan(60);
    clock.advance(60_000);
    expect(server.ends).toHaveLength(1);
    sent.length = 0;
    server.session.receive(hello);
    clock.advance(60_000);
    expect(sent).toEqual([]);
  });

  test("answers nothing before a hello is whole, and holds little for those that never are", () => {
    const { server, start, sent } = open(() => []);
    start(0);
    sent.length = 0;
    for (let sequence = 0; sequence < 1000; sequence++) {
      const fragment = new Uint8Array([1, 0, 64, 0, sequence >> 8, sequence & 255, 0, 0, 0, 0, 0, 0]);
      server.session.receive(recordOf(22, 0, fragment));
      server.session.receive(recordOf(22, 1, fragment));
    }
    expect(sent.filter(({ from }) => from === "server")).toEqual([]);
    expect(server.ends).toEqual([]);
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

  test("carries data both ways, each record once and unspoiled ones only", () => {
    const { client, server, clock, sent } = connected();
    const text = new TextEncoder().encode("data");
    client.session.sendData(text);
    server.session.sendData(new Uint8Array(1200));
    clock.advance(5);
    expect(server.data).toEqual([text]);
    expect(client.data).toEqual([new Uint8Array(1200)]);
    expect(sent).toHaveLength(2);
    const spoiled = sent[0].datagram.slice();
    spoiled[20] ^= 1;
    spoiled[10]++;
    server.session.receive(sent[0].datagram);
    server.session.receive(spoiled);
    server.session.receive(recordOf(23, 0, text));
    expect(server.data).toHaveLength(1);
    client.session.close();
    client.session.sendData(text);
    clock.advance(5);
    expect(server.data).toHaveLength(1);
  });

  test("sends no data before it is connected", () => {
    const { client, server, clock, sent } = open();
    client.session.sendData(new Uint8Array(1));
    client.session.start();
    server.session.start();
    client.session.sendData(new Uint8Array(1));
    clock.advance(10);
    expect(sent.some(({ datagram }) => datagram[0] === 23)).toBe(false);
    expect(server.data).toEqual([]);
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
