import { describe, expect, test } from "vitest";
import { message, pattern, type SctpEnd, SctpPair } from "../../../test/kit/sctp_pair.ts";
import { limits } from "../limits.ts";
import { Association } from "./association.ts";
import { CHUNK, dataFlags, dataHead, writeForwardTsn, writeSack } from "./chunk.ts";
import { readInit } from "./init_chunk.ts";
import { PacketWriter, readPacket } from "./packet.ts";
import { RESULT, writeOutgoingReset, writeResponse } from "./reconfig_chunk.ts";

/** A reproducible source of whole numbers below a bound (xorshift32). */
function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

type Add = { type: number; flags?: number; value: Uint8Array };

/** An established pair whose first side is at the mercy of `say`, which speaks as the second with a right checksum. */
function attacked() {
  const pair = new SctpPair().connect();
  pair.run(500);
  const tags = [pair.a, pair.b].map(tagOf);
  const say = (...chunks: Add[]) => {
    const writer = new PacketWriter(
      { local: 5000, remote: 5000 },
      tags[0],
      (p) => pair.a.association.receive(p),
    );
    for (const { type, flags = 0, value } of chunks) writer.add(type, flags, value);
    writer.flush();
  };
  const initOf = (end: SctpEnd) => readInit(readPacket(end.sent[0])!.chunks[0].value)!;
  return { pair, say, theirTsn: initOf(pair.b).initialTsn, ourTsn: initOf(pair.a).initialTsn };
}

/** The tag that a side gave itself, from its INIT. */
function tagOf(end: SctpEnd): number {
  return readInit(readPacket(end.sent[0])!.chunks[0].value)!.initiateTag;
}

type Fields = {
  tsn: number;
  streamId?: number;
  ssn?: number;
  first?: boolean;
  last?: boolean;
  unordered?: boolean;
};

function data(fields: Fields, payload = new Uint8Array(1)): Add {
  const { tsn, streamId = 0, ssn = 0, first = true, last = true, unordered = false } = fields;
  const head = dataHead({ tsn: tsn >>> 0, streamId, ssn, ppid: 53 });
  return {
    type: CHUNK.data,
    flags: dataFlags({ unordered, first, last }),
    value: new Uint8Array([...head, ...payload]),
  };
}

function expectAlive(pair: SctpPair): void {
  const before = pair.b.messages.length;
  pair.a.association.send(message(pattern(5)));
  pair.runUntil(() => pair.b.messages.length > before, 20_000);
}

describe("what comes from a hostile side", () => {
  test("random bytes and spoiled packets change nothing", () => {
    const { pair } = attacked();
    const random = seeded(1);
    const genuine = [...pair.b.sent];
    for (let i = 0; i < 5000; i++) {
      const bytes = i % 2
        ? Uint8Array.from({ length: random(100) }, () => random(256))
        : genuine[i % genuine.length].slice();
      if (bytes.length > 0) bytes[random(bytes.length)] ^= 1 + random(255);
      pair.a.association.receive(bytes);
    }
    expect(pair.a.messages).toEqual([]);
    expectAlive(pair);
  });

  test("chunks of any type with any content and a right checksum never make it throw", () => {
    const random = seeded(2);
    const types = [...Object.values(CHUNK), 15, 63, 64, 128, 129, 193, 255];
    for (let round = 0; round < 300; round++) {
      const { pair, say, theirTsn } = attacked();
      pair.a.association.send(message(pattern(30_000)));
      for (let i = 0; i < 30; i++) {
        say(...Array.from({ length: 1 + random(3) }, () => {
          const value = Uint8Array.from({ length: random(64) }, () => random(4) ? random(8) : random(256));
          // Near the truth, so that more than the first check is reached.
          if (random(2) && value.length >= 4) {
            new DataView(value.buffer).setUint32(0, (theirTsn + random(40)) >>> 0);
          }
          return { type: types[random(types.length)], flags: random(16), value };
        }));
        pair.run(1);
      }
      pair.clock.advance(200_000);
      expect(pair.a.association.bufferedBytes).toBeLessThan(40_000);
    }
  });

  test("wrong tags and wrong ports are not heard", () => {
    const { pair, theirTsn } = attacked();
    const { type, flags, value } = data({ tsn: theirTsn });
    for (
      const [port, tag] of [[{ local: 5000, remote: 5000 }, 1], [
        { local: 4999, remote: 5000 },
        tagOf(pair.a),
      ]]
    ) {
      const writer = new PacketWriter(port as never, tag as number, (p) => pair.a.association.receive(p));
      writer.add(type, flags!, value);
      writer.add(CHUNK.abort, 0, new Uint8Array(0));
      writer.flush();
    }
    expect(pair.a.messages).toEqual([]);
    expectAlive(pair);
  });

  test("a flood of INITs keeps nothing and does not disturb what stands", () => {
    const { pair } = attacked();
    const idle = new Association({ local: 5000, remote: 5000 }, pair.clock, {
      send: () => {},
      established: () => {},
      message: () => {},
      incomingReset: () => {},
      outgoingReset: () => {},
      ended: () => {},
    });
    const init = readPacket(pair.b.sent[0])!.chunks[0].value.slice();
    for (let i = 1; i < 20_000; i++) {
      new DataView(init.buffer).setUint32(0, i);
      const writer = new PacketWriter({ local: 5000, remote: 5000 }, 0, (packet) => {
        pair.a.association.receive(packet);
        idle.receive(packet);
      });
      writer.add(CHUNK.init, 0, init);
      writer.flush();
    }
    expect(idle.state).toBe("new");
    expectAlive(pair);
  });

  test("TSNs far out of line, in tiny pieces, cost neither memory nor time", () => {
    const { pair, say, theirTsn } = attacked();
    pair.cut = true;
    const startMs = performance.now();
    for (let i = 0; i < 30_000; i++) {
      say(data({ tsn: theirTsn + 2 + i * 2, streamId: i % 65_535, ssn: 9 }), data({ tsn: theirTsn - 1 - i }));
      if (pair.a.sent.length > 100) pair.a.sent.length = 0;
    }
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(pair.a.messages).toEqual([]);
    pair.cut = false;
    expectAlive(pair);
  }, 20_000);

  test("messages whose turn never comes end the association before they fill the memory", () => {
    const { pair, say, theirTsn } = attacked();
    const payload = new Uint8Array(1000);
    let sent = 0;
    while (pair.a.ended.length === 0 && sent < 10_000) {
      say(data({ tsn: theirTsn + sent, ssn: 2 + sent % 30_000 }, payload));
      sent++;
    }
    expect(pair.a.ended).toEqual(["what came can never be delivered"]);
    expect(sent * 1000).toBeLessThan(3 * limits.sctpReceiveBytes);
    expect(pair.clock.pending).toBeLessThan(3);
  });

  test("messages whose turn is past are dropped and hold nothing", () => {
    const { pair, say, theirTsn } = attacked();
    for (let i = 0; i < 3000; i++) say(data({ tsn: theirTsn + i, ssn: -i & 0xffff }, new Uint8Array(1000)));
    expect(pair.a.messages).toHaveLength(1);
    expect(pair.a.ended).toEqual([]);
    expectAlive(pair);
  });

  test("only the cookie that was given begins an association", () => {
    const pair = new SctpPair();
    pair.cut = true;
    pair.b.association.start();
    pair.a.association.receive(pair.b.sent[0]);
    const initAck = readPacket(pair.a.sent[0])!.chunks[0];
    const { cookie, initiateTag } = readInit(initAck.value)!;
    const echo = (value: Uint8Array) => {
      const writer = new PacketWriter(
        { local: 5000, remote: 5000 },
        initiateTag,
        (packet) => pair.a.association.receive(packet),
      );
      writer.add(CHUNK.cookieEcho, 0, value);
      writer.flush();
    };
    for (const wrong of [cookie.map((byte) => byte ^ 1), cookie.subarray(1), new Uint8Array(0)]) {
      echo(wrong);
      expect(pair.a.association.state).toBe("new");
    }
    echo(cookie);
    expect(pair.a.association.state).toBe("established");
  });

  test("a message without end ends the association, and so does one that changes its stream", () => {
    const endless = attacked();
    for (let i = 0; endless.pair.a.ended.length === 0 && i < 10_000; i++) {
      endless.say(data({ tsn: endless.theirTsn + i, first: i === 0, last: false }, new Uint8Array(1000)));
    }
    expect(endless.pair.a.ended).toEqual(["what came can never be delivered"]);
    const mixed = attacked();
    mixed.say(data({ tsn: mixed.theirTsn, first: true, last: false, streamId: 1 }));
    mixed.say(data({ tsn: mixed.theirTsn + 1, first: false, last: true, streamId: 2 }));
    expect(mixed.pair.a.ended).toEqual(["the fragments of a message do not belong together"]);
  });

  test("more streams than are remembered end the association", () => {
    const { pair, say, theirTsn } = attacked();
    for (let i = 0; i <= limits.sctpStreams; i++) say(data({ tsn: theirTsn + i, streamId: i }));
    expect(pair.a.ended).toEqual(["too many streams are in use"]);
  });

  test("FORWARD TSN over half the number space is carried out in no time", () => {
    const { pair, say, theirTsn } = attacked();
    const skipped = Array.from({ length: 200 }, (_, i) => ({ streamId: i, ssn: 30_000 }));
    const startMs = performance.now();
    for (let i = 1; i <= 500; i++) {
      const value = writeForwardTsn({ cumulativeTsn: (theirTsn + i * 2_000_000) >>> 0, skipped });
      say({ type: CHUNK.forwardTsn, value });
    }
    expect(performance.now() - startMs).toBeLessThan(2000);
    expectAlive(pair);
  });

  test("acknowledgements of what was never sent are not believed", () => {
    const { pair, say, ourTsn } = attacked();
    pair.cut = true;
    pair.a.association.send(message(pattern(3000)));
    const buffered = pair.a.association.bufferedBytes;
    for (const ahead of [10, 1000, 2 ** 31 - 1, -2]) {
      const sack = {
        cumulativeTsn: (ourTsn + ahead) >>> 0,
        windowBytes: 0,
        gaps: [{ start: 1, end: 65_535 }],
      };
      say({ type: CHUNK.sack, value: writeSack(sack, []) });
    }
    expect(pair.a.association.bufferedBytes).toBe(buffered);
    pair.cut = false;
    pair.runUntil(() => pair.b.messages.length === 1, 20_000);
  });

  test("a window of nothing is asked again, and nothing is lost by it", () => {
    const { pair, say, ourTsn } = attacked();
    const sack = { cumulativeTsn: (ourTsn - 1) >>> 0, windowBytes: 0, gaps: [] };
    say({ type: CHUNK.sack, value: writeSack(sack, []) });
    for (let i = 0; i < 5; i++) pair.a.association.send(message(pattern(4000, i)));
    pair.runUntil(() => pair.b.messages.length === 5, 20_000);
  });

  test("stream resets out of turn are refused, repeated ones answered alike", () => {
    const { pair, say, theirTsn } = attacked();
    const request = (sequence: number, lastTsn = theirTsn - 1) => ({
      type: CHUNK.reconfig,
      value: writeOutgoingReset({
        sequence: sequence >>> 0,
        responseSequence: 0,
        lastTsn: lastTsn >>> 0,
        streamIds: [1],
      }),
    });
    const answer = (...chunks: Add[]) => {
      pair.a.sent.length = 0;
      say(...chunks);
      return pair.a.sent.flatMap((p) => readPacket(p)!.chunks).map(({ value }) => value.at(-1));
    };
    expect(answer(request(theirTsn + 5))).toEqual([RESULT.badSequence]);
    expect(answer(request(theirTsn, theirTsn + 3))).toEqual([RESULT.inProgress]);
    expect(answer(request(theirTsn))).toEqual([RESULT.performed]);
    expect(answer(request(theirTsn))).toEqual([RESULT.performed]);
    expect(pair.a.incomingResets).toEqual([[1]]);
    say({ type: CHUNK.reconfig, value: writeResponse(12345, RESULT.performed) });
    expect(pair.a.outgoingResets).toEqual([]);
    expectAlive(pair);
  });

  test("a reset that is never answered ends the association", () => {
    const { pair } = attacked();
    pair.cut = true;
    pair.a.association.resetStream(3);
    pair.clock.advance(60_000);
    expect(pair.a.ended).toEqual(["a stream reset was not answered"]);
    expect(pair.clock.pending).toBe(0);
  });
});
