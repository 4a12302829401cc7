import { describe, expect, test } from "vitest";
import { message, pattern, SctpPair } from "../../../test/kit/sctp_pair.ts";
import { CHUNK } from "./chunk.ts";
import { readPacket } from "./packet.ts";

const number = (value: number) => new Uint8Array([value >> 8, value & 0xff]);
const numberOf = (payload: Uint8Array) => payload[0] * 256 + payload[1];

describe("the start of an association", () => {
  test("both sides at once come to one association and rest without a timer", () => {
    const pair = new SctpPair().connect();
    pair.run(1000);
    expect(pair.clock.pending).toBe(0);
  });

  test("one side may begin alone", () => {
    const pair = new SctpPair();
    pair.a.association.start();
    pair.runUntil(() => pair.b.association.state === "established", 100);
    pair.b.association.send(message(number(1)));
    pair.runUntil(() => pair.a.messages.length === 1, 100);
  });

  test("it outlives the loss of any of its packets", () => {
    for (let seed = 0; seed < 30; seed++) {
      const pair = new SctpPair({ lossFraction: 0.3, duplicateFraction: 0.2, reorderFraction: 0.3 }, seed);
      pair.connect();
      pair.a.association.send(message(number(seed)));
      pair.b.association.send(message(number(seed)));
      pair.runUntil(() => pair.a.messages.length === 1 && pair.b.messages.length === 1, 60_000);
    }
  });

  test("silence ends it", () => {
    const pair = new SctpPair();
    pair.cut = true;
    pair.a.association.start();
    pair.clock.advance(60_000);
    expect(pair.a.ended).toEqual(["the other side began no association"]);
    expect(pair.clock.pending).toBe(0);
  });
});

describe("reliable messages", () => {
  test("arrive whole, once and in order over a path that loses, doubles and reorders", () => {
    for (let seed = 0; seed < 8; seed++) {
      const link = { lossFraction: 0.1, duplicateFraction: 0.1, reorderFraction: 0.2, reorderMs: 12 };
      const pair = new SctpPair(link, seed).connect();
      const lengths = Array.from({ length: 40 }, (_, i) => 1 + (i * 977) % 6000);
      lengths.forEach((length, i) => {
        pair.a.association.send(message(pattern(length, i), { streamId: i % 3 }));
        pair.b.association.send(message(pattern(length, i)));
      });
      pair.runUntil(() => pair.b.messages.length >= 40 && pair.a.messages.length >= 40, 120_000);
      pair.run(2000);
      expect(pair.a.messages.map((m) => m.payload)).toEqual(lengths.map(pattern));
      for (const streamId of [0, 1, 2]) {
        const sent = lengths.map(pattern).filter((_, i) => i % 3 === streamId);
        const received = pair.b.messages.filter((m) => m.streamId === streamId).map((m) => m.payload);
        expect(received).toEqual(sent);
      }
      expect(pair.a.association.bufferedBytes).toBe(0);
      expect(pair.clock.pending).toBe(0);
    }
  });

  test("that are unordered arrive each once", () => {
    const pair = new SctpPair({ lossFraction: 0.1, reorderFraction: 0.3, reorderMs: 12 }, 5).connect();
    for (let i = 0; i < 200; i++) pair.a.association.send(message(number(i), { ordered: false }));
    pair.runUntil(() => pair.b.messages.length === 200, 60_000);
    pair.run(3000);
    const numbers = pair.b.messages.map((m) => numberOf(m.payload));
    expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test("fill the path: a mebibyte over 10 ms of round trip takes less than a second", () => {
    const pair = new SctpPair().connect();
    for (let i = 0; i < 4; i++) pair.a.association.send(message(pattern(262_144, i)));
    const tookMs = pair.runUntil(() => pair.b.messages.length === 4, 5000);
    expect(tookMs).toBeLessThan(1000);
    expect(pair.b.messages[3].payload).toEqual(pattern(262_144, 3));
  });

  test("a busy stream holds up no other for longer than one message", () => {
    const pair = new SctpPair().connect();
    for (let i = 0; i < 20; i++) pair.a.association.send(message(pattern(20_000, i)));
    pair.a.association.send(message(number(1), { streamId: 1 }));
    pair.runUntil(() => pair.b.messages.length === 21, 5000);
    expect(pair.b.messages.findIndex((m) => m.streamId === 1)).toBeLessThan(3);
  });

  test("whose path is gone end the association", () => {
    const pair = new SctpPair().connect();
    pair.cut = true;
    pair.a.association.send(message(number(1)));
    pair.clock.advance(120_000);
    expect(pair.a.ended).toEqual(["nothing was acknowledged for too long"]);
    expect(pair.a.association.state).toBe("ended");
    expect(pair.clock.pending).toBe(0);
  });
});

describe("messages with a bound", () => {
  test("on retransmissions are given up, and those behind them arrive in order", () => {
    let missing = 0;
    for (let seed = 0; seed < 10; seed++) {
      const pair = new SctpPair({}, seed).connect();
      const lossy = new SctpPair({ lossFraction: 0.2 }, seed).connect();
      for (const p of [pair, lossy]) {
        for (let i = 0; i < 100; i++) {
          p.a.association.send(
            message(new Uint8Array([...number(i), ...pattern(3000)]), { maxRetransmits: 0 }),
          );
          p.run(3);
        }
        p.a.association.send(message(number(1000)));
        p.runUntil(() => p.b.messages.some((m) => numberOf(m.payload) === 1000), 60_000);
        const numbers = p.b.messages.map((m) => numberOf(m.payload));
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        p.run(20_000);
        expect(p.a.association.bufferedBytes).toBe(0);
        expect(p.clock.pending).toBe(0);
      }
      expect(pair.b.messages).toHaveLength(101);
      missing += 101 - lossy.b.messages.length;
    }
    expect(missing).toBeGreaterThan(100);
  });

  test("on life time are dropped unsent when they come too late", () => {
    const pair = new SctpPair().connect();
    pair.cut = true;
    for (let i = 0; i < 50; i++) {
      const expiresAtMs = pair.clock.now() + 300;
      pair.a.association.send(message(pattern(2000, i), { ordered: false, expiresAtMs }));
    }
    pair.run(700);
    pair.cut = false;
    pair.a.association.send(message(number(7)));
    pair.runUntil(() => pair.b.messages.some((m) => m.payload.length === 2), 20_000);
    expect(pair.b.messages.length).toBeLessThan(5);
    pair.run(10_000);
    expect(pair.a.association.bufferedBytes).toBe(0);
  });
});

describe("stream reset", () => {
  test("begins the numbering anew after all that was sent has come", () => {
    for (let seed = 0; seed < 10; seed++) {
      const pair = new SctpPair({ lossFraction: 0.15, duplicateFraction: 0.1, reorderFraction: 0.2 }, seed)
        .connect();
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 5; i++) pair.a.association.send(message(pattern(3000, i), { streamId: 4 }));
        pair.a.association.resetStream(4);
        pair.runUntil(() => pair.a.outgoingResets.length === round + 1, 60_000);
        expect(pair.b.messages).toHaveLength(5 * (round + 1));
        expect(pair.b.incomingResets).toEqual(Array.from({ length: round + 1 }, () => [4]));
      }
      pair.run(15_000);
      expect(pair.clock.pending).toBe(0);
    }
  });
});

describe("the end of an association", () => {
  test("one side's closing is told to the other at once", () => {
    const pair = new SctpPair().connect();
    pair.a.association.send(message(pattern(200_000)));
    pair.a.association.close();
    pair.run(10);
    expect(pair.a.ended).toEqual([]);
    expect(pair.b.ended).toEqual(["the other side aborted"]);
    expect(pair.clock.pending).toBe(0);
  });

  test("acknowledgements come for every second packet, and at the latest after 200 ms", () => {
    const pair = new SctpPair().connect();
    pair.run(500);
    const sacks = () =>
      pair.b.sent.filter((p) => readPacket(p)!.chunks.some((c) => c.type === CHUNK.sack)).length;
    pair.a.association.send(message(number(1)));
    pair.run(150);
    expect(sacks()).toBe(0);
    pair.run(100);
    expect(sacks()).toBe(1);
    for (let i = 0; i < 10; i++) {
      pair.a.association.send(message(number(i)));
      pair.run(20);
    }
    expect(sacks()).toBe(6);
  });
});
