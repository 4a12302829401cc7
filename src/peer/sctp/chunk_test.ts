import { describe, expect, test } from "vitest";
import {
  dataFlags,
  dataHead,
  readData,
  readForwardTsn,
  readSack,
  writeForwardTsn,
  writeSack,
} from "./chunk.ts";
import { readInit, writeInit } from "./init_chunk.ts";
import { PacketWriter, readPacket } from "./packet.ts";
import { readReconfig, writeOutgoingReset, writeResponse } from "./reconfig_chunk.ts";

const init = {
  initiateTag: 7,
  windowBytes: 1000,
  outboundStreams: 3,
  inboundStreams: 4,
  initialTsn: 0xffffffff,
  forwardTsn: true,
  reconfig: true,
  cookie: new Uint8Array([1, 2, 3, 4, 5]),
};

describe("what is written is read again", () => {
  test("INIT and INIT ACK", () => {
    expect(readInit(writeInit(init))).toEqual(init);
    const bare = { ...init, forwardTsn: false, reconfig: false, cookie: new Uint8Array(0) };
    expect(readInit(writeInit(bare))).toEqual(bare);
  });

  test("DATA", () => {
    const chunk = { tsn: 5, streamId: 6, ssn: 7, ppid: 51, unordered: true, first: true, last: false };
    const value = new Uint8Array([...dataHead(chunk), 9, 8]);
    expect(readData(dataFlags(chunk), value)).toEqual({
      ...chunk,
      immediate: false,
      payload: new Uint8Array([9, 8]),
    });
  });

  test("SACK, FORWARD TSN and RE-CONFIG", () => {
    const sack = { cumulativeTsn: 9, windowBytes: 10, gaps: [{ start: 2, end: 3 }, { start: 5, end: 5 }] };
    expect(readSack(writeSack(sack, [1, 2]))).toEqual(sack);
    const forward = { cumulativeTsn: 4, skipped: [{ streamId: 1, ssn: 65535 }] };
    expect(readForwardTsn(writeForwardTsn(forward))).toEqual(forward);
    const reset = { sequence: 1, responseSequence: 2, lastTsn: 3, streamIds: [4, 5, 6] };
    expect(readReconfig(writeOutgoingReset(reset))).toEqual([
      { kind: "outgoingReset", sequence: 1, lastTsn: 3, streamIds: [4, 5, 6] },
    ]);
    expect(readReconfig(writeResponse(1, 6))).toEqual([{ kind: "response", sequence: 1, result: 6 }]);
  });

  test("packets with several chunks, each padded, and a new packet when one is full", () => {
    const packets: Uint8Array[] = [];
    const writer = new PacketWriter({ local: 1, remote: 2 }, 3, (packet) => packets.push(packet));
    writer.add(4, 5, new Uint8Array([1, 2, 3]));
    writer.add(6, 7, new Uint8Array([4]), new Uint8Array([5, 6]));
    writer.add(8, 9, new Uint8Array(1160));
    writer.flush();
    writer.flush();
    expect(packets.map((packet) => readPacket(packet)?.chunks.map((c) => [c.type, c.flags, c.value.length])))
      .toEqual([[[4, 5, 3], [6, 7, 3]], [[8, 9, 1160]]]);
    expect(readPacket(packets[0])).toMatchObject({ sourcePort: 1, destinationPort: 2, verificationTag: 3 });
  });
});

describe("what is malformed is not taken", () => {
  test("a packet with a wrong checksum, or cut short", () => {
    const packets: Uint8Array[] = [];
    const writer = new PacketWriter({ local: 1, remote: 2 }, 3, (packet) => packets.push(packet));
    writer.add(4, 5, new Uint8Array([1, 2, 3]));
    writer.flush();
    for (let at = 0; at < packets[0].length; at++) {
      const spoiled = packets[0].slice();
      spoiled[at] ^= 1;
      expect(readPacket(spoiled)).toBe(null);
      expect(readPacket(packets[0].subarray(0, at))).toBe(null);
    }
  });

  test("an INIT without tag, without streams, or with a parameter that runs over its end", () => {
    for (const wrong of [{ initiateTag: 0 }, { outboundStreams: 0 }, { inboundStreams: 0 }]) {
      expect(readInit(writeInit({ ...init, ...wrong }))).toBe(null);
    }
    const value = writeInit(init);
    value[18] = 0xff;
    expect(readInit(value)).toBe(null);
    expect(readInit(value.subarray(0, 15))).toBe(null);
  });

  test("a SACK that promises more gaps than it has, and gaps that overlap", () => {
    const value = writeSack({ cumulativeTsn: 1, windowBytes: 1, gaps: [{ start: 2, end: 9 }] }, []);
    value[9] = 2;
    expect(readSack(value)).toBe(null);
    const overlapping = [{ start: 2, end: 9 }, { start: 9, end: 12 }, { start: 1, end: 65535 }];
    const sack = writeSack({ cumulativeTsn: 1, windowBytes: 1, gaps: overlapping }, []);
    expect(readSack(sack)?.gaps).toEqual([{ start: 2, end: 9 }]);
  });

  test("DATA without payload, and RE-CONFIG parameters of a wrong length or an unknown type", () => {
    expect(readData(3, new Uint8Array(12))).toBe(null);
    expect(readReconfig(new Uint8Array(8))).toEqual([]);
    const reset = writeOutgoingReset({ sequence: 1, responseSequence: 2, lastTsn: 3, streamIds: [] });
    expect(readReconfig(reset.subarray(0, 12))).toEqual([]);
    reset[3] = 12;
    expect(readReconfig(reset)).toEqual([]);
    reset[1] = 99;
    expect(readReconfig(reset)).toEqual([]);
  });
});
