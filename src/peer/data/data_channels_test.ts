import { beforeEach, describe, expect, test } from "vitest";
import { LossyLink } from "../../../test/kit/lossy_link.ts";
import { VirtualClock } from "../../../test/kit/virtual_clock.ts";
import type { AppError } from "../../base/mod.ts";
import { limits } from "../limits.ts";
import type { DataChannelInfo, DataChannelWish } from "../types.ts";
import { DataChannels } from "./data_channels.ts";

const wish: DataChannelWish = {
  label: "chat",
  ordered: true,
  maxPacketLifeTimeMs: null,
  maxRetransmits: null,
  protocol: "",
};

interface Side {
  channels: DataChannels;
  moves: DataChannelInfo[];
  messages: { channelId: number; payload: string | Uint8Array }[];
}

let clock: VirtualClock;
let client: Side;
let server: Side;
let links: LossyLink<() => void>[];

/** A client and a server of DTLS on one virtual clock, 5 ms apart. */
function open(remoteMaxMessageBytes: number = limits.dataMessageBytes, lossFraction = 0): void {
  clock = new VirtualClock();
  links = [1, 2].map((seed) => new LossyLink({ seed, delayMs: 5, lossFraction }));
  const side = (role: "client" | "server", link: LossyLink<() => void>, other: () => Side): Side => {
    const moves: DataChannelInfo[] = [];
    const messages: Side["messages"] = [];
    const terms = { localPort: 5000, remotePort: 5000, remoteMaxMessageBytes };
    const channels = new DataChannels(role, terms, clock, {
      send: (packet) => link.send(() => other().channels.receive(packet), clock.now()),
      channel: (info) => moves.push(info),
      message: (channelId, payload) => messages.push({ channelId, payload }),
    });
    return { channels, moves, messages };
  };
  client = side("client", links[0], () => server);
  server = side("server", links[1], () => client);
}

function run(ms: number): void {
  for (let i = 0; i < ms; i++) {
    clock.advance(1);
    for (const link of links) for (const arrive of link.receive(clock.now())) arrive();
  }
}

function connect(remoteMaxMessageBytes?: number, lossFraction?: number): void {
  open(remoteMaxMessageBytes, lossFraction);
  client.channels.start();
  server.channels.start();
  run(lossFraction ? 5000 : 200);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
}

const states = (side: Side) => side.moves.map(({ channelId, state }) => `${channelId} ${state}`);

beforeEach(() => connect());

describe("opening", () => {
  test("each side hears of a channel once, ids follow the DTLS role, and at rest nothing runs", () => {
    expect([client, client, server].map(({ channels }) => channels.create(wish))).toEqual([0, 2, 1]);
    run(1000);
    expect(states(client).sort()).toEqual(["0 open", "1 open", "2 open"]);
    expect(states(server).sort()).toEqual(["0 open", "1 open", "2 open"]);
    expect(clock.pending).toBe(0);
  });

  test("before the association stands it fails", () => {
    open();
    expect(codeOf(() => client.channels.create(wish))).toBe("data_channel_failed");
    client.channels.start();
    expect(codeOf(() => client.channels.create(wish))).toBe("data_channel_failed");
  });

  test("two bounds at once and a label too long are not acceptable, a bound too high is lowered", () => {
    expect(codeOf(() => client.channels.create({ ...wish, maxRetransmits: 1, maxPacketLifeTimeMs: 1 })))
      .toBe("value_unacceptable");
    expect(codeOf(() => client.channels.create({ ...wish, label: "ü".repeat(32_768) })))
      .toBe("value_unacceptable");
    client.channels.create({ ...wish, maxRetransmits: 1_000_000, label: "ü".repeat(30_000) });
    run(200);
    expect(server.moves).toHaveLength(1);
  });

  test("no more channels than the limit, whoever opens them", () => {
    for (let i = 0; i < limits.dataChannels; i++) client.channels.create(wish);
    expect(codeOf(() => client.channels.create(wish))).toBe("data_channel_failed");
    run(1000);
    expect(codeOf(() => server.channels.create(wish))).toBe("data_channel_failed");
    expect(server.channels.infos).toHaveLength(limits.dataChannels);
  });
});

describe("messages", () => {
  test("go both ways and are counted, but not before the channel is open", () => {
    const id = client.channels.create(wish);
    expect(client.channels.send(id, "early")).toBe(false);
    run(200);
    for (const payload of ["text", "", new Uint8Array([1, 2, 3]), new Uint8Array(0)]) {
      expect(client.channels.send(id, payload)).toBe(true);
    }
    server.channels.send(id, "back");
    run(500);
    expect(server.messages.map((m) => m.payload))
      .toEqual(["text", "", new Uint8Array([1, 2, 3]), new Uint8Array(0)]);
    expect(client.messages).toEqual([{ channelId: id, payload: "back" }]);
    expect(client.channels.infos[0]).toMatchObject({
      messagesSent: 4,
      bytesSent: 7,
      messagesReceived: 1,
      bytesReceived: 4,
    });
    expect(server.channels.infos[0]).toMatchObject({ messagesReceived: 4, bytesReceived: 7 });
    expect(clock.pending).toBe(0);
  });

  test("larger than the other side takes are refused, and received ones beyond our own bound close the channel", () => {
    connect(1000);
    const id = client.channels.create(wish);
    run(200);
    expect(client.channels.send(id, new Uint8Array(1001))).toBe(false);
    expect(client.channels.send(id, new Uint8Array(1000))).toBe(true);
    connect(0);
    const other = client.channels.create(wish);
    run(200);
    expect(client.channels.send(other, new Uint8Array(limits.dataMessageBytes + 1))).toBe(true);
    run(3000);
    expect(server.messages).toEqual([]);
    expect(states(server)).toEqual([`${other} open`, `${other} closed`]);
  });

  test("wait in a bounded buffer that empties as they arrive", () => {
    const id = client.channels.create(wish);
    run(200);
    let taken = 0;
    while (client.channels.send(id, new Uint8Array(50_000))) taken++;
    expect(taken).toBe(20);
    run(5000);
    expect(server.messages).toHaveLength(20);
    expect(client.channels.send(id, new Uint8Array(50_000))).toBe(true);
  });

  test("that cross the other side's closing are dropped", () => {
    const id = client.channels.create(wish);
    run(200);
    server.channels.close(id);
    run(2);
    expect(client.channels.send(id, "crossing")).toBe(true);
    run(1000);
    expect(server.messages).toEqual([]);
    expect(states(server)).toEqual(["0 open", "0 closed"]);
  });

  test("with a bound on retransmissions go missing under loss, and the channel goes on", () => {
    connect(undefined, 0.2);
    const id = client.channels.create({ ...wish, ordered: false, maxRetransmits: 0 });
    run(5000);
    for (let i = 0; i < 100; i++) {
      expect(client.channels.send(id, `${i}`)).toBe(true);
      run(10);
    }
    run(20_000);
    expect(server.messages.length).toBeGreaterThan(50);
    expect(server.messages.length).toBeLessThan(100);
    expect(clock.pending).toBe(0);
  });
});

describe("closing", () => {
  test("from either side is told once on both, after what was sent before it", () => {
    for (const closer of [client, server]) {
      connect();
      const id = client.channels.create(wish);
      run(200);
      const other = closer === client ? server : client;
      closer === client ? client.channels.send(id, "last") : server.channels.send(id, "last");
      const again = closer === client ? client : server;
      again.channels.close(id);
      again.channels.close(id);
      expect(again.channels.send(id, "too late")).toBe(false);
      run(1000);
      expect(other.messages.map((m) => m.payload)).toEqual(["last"]);
      expect(states(client)).toEqual(["0 open", "0 closed"]);
      expect(states(server)).toEqual(["0 open", "0 closed"]);
      expect(codeOf(() => again.channels.close(id))).toBe("data_channel_not_found");
      expect(again.channels.create(wish)).toBe(again === client ? 0 : 1);
    }
  });

  test("from both sides at once, and under loss, leaves nothing behind", () => {
    connect(undefined, 0.2);
    const ids = Array.from({ length: 10 }, () => client.channels.create(wish));
    run(10_000);
    for (const id of ids) {
      client.channels.close(id);
      server.channels.close(id);
    }
    run(30_000);
    expect(client.channels.infos).toEqual([]);
    expect(server.channels.infos).toEqual([]);
    expect(states(server).filter((s) => s.endsWith("closed"))).toHaveLength(10);
    expect(clock.pending).toBe(0);
  });

  test("the end of the association closes every channel on both sides", () => {
    client.channels.create(wish);
    server.channels.create(wish);
    run(200);
    client.channels.end();
    run(20);
    expect(states(client).sort()).toEqual(["0 closed", "0 open", "1 closed", "1 open"]);
    expect([...states(server)].sort()).toEqual(["0 closed", "0 open", "1 closed", "1 open"]);
    expect(clock.pending).toBe(0);
  });
});
