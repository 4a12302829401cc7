import { describe, expect, test } from "vitest";
import { FakeTurn, turnCredentials } from "../../../test/kit/fake_turn.ts";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import type { SocketAddress } from "../../base/mod.ts";
import { TurnClient } from "./client.ts";
import { longTermKey } from "./message.ts";

const remote = { address: "192.0.2.9", port: 4242 };

function open(server = new FakeTurn(), credentials = turnCredentials) {
  const clock = new VirtualClock();
  const said = {
    allocated: [] as SocketAddress[][],
    data: [] as { from: SocketAddress; bytes: number[] }[],
    ended: [] as string[],
  };
  const client = new TurnClient(credentials, server.link, clock, {
    allocated: (relayed, mapped) => said.allocated.push([relayed, mapped]),
    data: (from, bytes) => said.data.push({ from, bytes: [...bytes] }),
    ended: (reason) => said.ended.push(reason),
  });
  server.toClient = (bytes) => client.receive(bytes);
  return { clock, client, server, ...said };
}

function openAllocated(server?: FakeTurn) {
  const opened = open(server);
  opened.client.start();
  expect(opened.allocated).toHaveLength(1);
  return opened;
}

describe("an allocation", () => {
  test("comes after one refusal that tells realm and nonce", () => {
    const { client, server, allocated, ended } = open();
    client.start();
    expect(server.asked).toEqual(["allocate", "allocate"]);
    expect(server.requests[1]).toMatchObject({ realm: "realm", nonce: "nonce-1", lifetime: 600 });
    expect(allocated).toEqual([[server.relayed, server.mapped]]);
    expect(ended).toEqual([]);
  });

  test("with wrong credentials is given up at the second refusal", () => {
    const { client, server, allocated, ended } = open(undefined, { username: "user", credential: "wrong" });
    client.start();
    expect(server.asked).toHaveLength(2);
    expect([allocated, ended]).toEqual([[], ["no allocation: error 401"]]);
    expect(server.closed).toBe(true);
  });

  test("is asked for four times by UDP, and ended when nobody answers", () => {
    const { client, server, clock, ended } = open();
    server.answer = () => null;
    client.start();
    clock.advance(7499);
    expect([server.asked.length, ended]).toEqual([4, []]);
    clock.advance(1);
    expect(ended).toEqual(["no allocation: no answer"]);
    expect(clock.pending).toBe(0);
  });

  test("is asked for once by TCP, which repeats by itself", () => {
    const { client, server, clock } = open(new FakeTurn(true));
    server.answer = () => null;
    client.start();
    clock.advance(7400);
    expect(server.asked).toHaveLength(1);
  });

  test("is refreshed a minute before its time, under a new nonce where the old one is stale", () => {
    const { server, clock, ended } = openAllocated();
    server.nonce = "nonce-2";
    clock.advance(540_000);
    expect(server.asked.slice(2)).toEqual(["refresh", "refresh"]);
    expect(server.requests.at(-1)).toMatchObject({ nonce: "nonce-2", lifetime: 600 });
    clock.advance(540_000);
    expect(server.asked.slice(4)).toEqual(["refresh"]);
    expect(ended).toEqual([]);
  });

  test("ends when the server says that it is gone, or breaks", () => {
    const lost = openAllocated();
    lost.server.answer = () => ({ kind: "error", errorCode: 437 });
    lost.clock.advance(540_000);
    expect(lost.ended).toEqual(["the allocation was lost: error 437"]);
    const broken = openAllocated();
    broken.client.linkEnded("reset");
    broken.client.linkEnded("reset");
    expect(broken.ended).toEqual(["reset"]);
    expect(broken.clock.pending).toBe(0);
  });

  test("is given back at the end, without a word to whoever closed", () => {
    const { client, server, clock, ended } = openAllocated();
    client.close();
    expect(server.requests.at(-1)).toMatchObject({ method: "refresh", lifetime: 0 });
    expect(server.closed).toBe(false);
    clock.advance(100);
    expect([server.closed, clock.pending, ended]).toEqual([true, 0, []]);
  });
});

describe("a hostile server, or somebody in its place", () => {
  const forgeries = (server: FakeTurn) => ({
    relayedAddress: server.relayed,
    mappedAddress: server.mapped,
    lifetime: 600,
  });

  test("gives no allocation without a signature, or with another's", () => {
    const { client, server, allocated, clock } = open();
    let seen = 0;
    server.answer = () => ++seen === 1 ? {} : null;
    client.start();
    const signed = server.requests[1];
    server.respond(signed, forgeries(server), null);
    server.respond(signed, forgeries(server), longTermKey("user", "realm", "other"));
    expect(allocated).toEqual([]);
    clock.advance(1000);
    server.respond(signed, forgeries(server));
    expect(allocated).toHaveLength(1);
  });

  test("gives none to a request that was not signed yet", () => {
    const { client, server, allocated } = open();
    server.answer = () => null;
    client.start();
    server.respond(server.requests[0], forgeries(server), null);
    server.respond(server.requests[0], forgeries(server));
    expect(allocated).toEqual([]);
  });

  test("cannot move the client to another realm", () => {
    const { server, clock, ended } = openAllocated();
    server.answer = () => null;
    clock.advance(540_000);
    const refresh = server.requests.at(-1)!;
    server.respond(refresh, { kind: "error", errorCode: 438, realm: "evil", nonce: "new" }, null);
    expect(server.requests.at(-1)).toMatchObject({ realm: "realm", nonce: "new" });
    expect(ended).toEqual([]);
  });

  test("cannot keep the client asking with ever new nonces", () => {
    const { client, server, ended } = open();
    server.answer = (request) => {
      if (request.integrityAt >= 0) server.nonce += "x";
      return {};
    };
    client.start();
    expect(server.asked).toHaveLength(3);
    expect(ended).toEqual(["no allocation: error 438"]);
  });

  test("does nothing by noise, responses to nothing and channels of nobody", () => {
    const { client, server, data, ended } = openAllocated();
    for (let length = 0; length < 64; length++) client.receive(new Uint8Array(length).fill(length));
    client.receive(new Uint8Array([0x40, 0, 0, 1, 5, 0, 0, 0]));
    client.receive(new Uint8Array([0x40, 0]));
    server.respond({ ...server.requests[0], transactionId: "ff".repeat(12) }, {
      kind: "error",
      errorCode: 500,
    });
    expect([data, ended]).toEqual([[], []]);
  });
});

describe("what is relayed", () => {
  test("needs a permission, which is refreshed as long as somebody wants it", () => {
    const { client, server, clock } = openAllocated();
    const granted: boolean[] = [];
    client.permit(remote.address, (g) => granted.push(g));
    client.permit(remote.address, (g) => granted.push(g));
    expect(granted).toEqual([true, true]);
    expect(server.requests.at(-1)).toMatchObject({ peerAddress: { address: remote.address } });
    const asked = () => server.asked.filter((method) => method === "createPermission").length;
    client.forbid(remote.address);
    clock.advance(240_000);
    expect(asked()).toBe(3);
    client.forbid(remote.address);
    clock.advance(240_000);
    expect(asked()).toBe(3);
  });

  test("is not sent where the server refuses", () => {
    const { client, server } = openAllocated();
    server.answer = () => ({ kind: "error", errorCode: 403 });
    const granted: boolean[] = [];
    client.permit("127.0.0.1", (g) => granted.push(g));
    expect(granted).toEqual([false]);
  });

  test("goes by indications, and by a channel once that is bound", () => {
    const { client, server, data } = openAllocated();
    client.send(remote, new Uint8Array([1, 2, 3]));
    server.answer = ({ method }) => method === "channelBind" ? null : {};
    client.bindChannel(remote);
    client.send(remote, new Uint8Array([4]));
    server.respond(server.requests.at(-1)!, {});
    client.send(remote, new Uint8Array([5, 6, 7, 8, 9]));
    expect(server.relayedOut).toEqual([
      { to: remote, bytes: [1, 2, 3] },
      { to: remote, bytes: [4] },
      { to: 0x4000, bytes: [5, 6, 7, 8, 9] },
    ]);
    client.receive(new Uint8Array([0x40, 0, 0, 3, 7, 7, 7, 0]));
    server.dataFrom(remote, new Uint8Array([8]));
    expect(data).toEqual([{ from: remote, bytes: [7, 7, 7] }, { from: remote, bytes: [8] }]);
    client.receive(new Uint8Array([0x40, 0, 0, 9, 7]));
    expect(data).toHaveLength(2);
  });

  test("keeps one channel number for one address, refreshed while it is used", () => {
    const { client, server, clock } = openAllocated();
    const binds = () => server.requests.filter(({ method }) => method === "channelBind").length;
    client.bindChannel(remote);
    client.bindChannel({ ...remote, port: 5 });
    client.bindChannel(remote);
    expect(binds()).toBe(2);
    client.leaveChannel({ ...remote, port: 5 });
    clock.advance(240_000);
    expect(binds()).toBe(3);
    client.leaveChannel(remote);
    client.bindChannel(remote);
    client.send(remote, new Uint8Array([1]));
    expect(server.relayedOut).toEqual([{ to: 0x4000, bytes: [1] }]);
  });
});
