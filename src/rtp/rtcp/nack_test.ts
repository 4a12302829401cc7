import { Buffer } from "node:buffer";
import { GenericNack, RtcpPacketConverter, RtcpTransportLayerFeedback } from "werift";
import { expect, test } from "vitest";
import { hex, seededNumbers } from "../../../test/kit/wire.ts";
import { nackBlp, nackCount, nackPid, writeNack } from "./nack.ts";
import { feedbackMediaSsrc, rtcpCount, rtcpSenderSsrc, rtcpType, RTPFB } from "./packet.ts";

function write(lost: number[]): Uint8Array {
  const bytes = new Uint8Array(12 + 4 * lost.length);
  const length = writeNack(bytes, 0, 0xfedcba98, 0x89abcdef, Int32Array.from(lost), lost.length);
  return bytes.slice(0, length);
}

function read(bytes: Uint8Array): number[] {
  const lost: number[] = [];
  for (let i = 0; i < nackCount(bytes, 0, bytes.length); i++) {
    const pid = nackPid(bytes, 0, i);
    lost.push(pid);
    for (let bit = 0; bit < 16; bit++) {
      if (nackBlp(bytes, 0, i) & (1 << bit)) lost.push((pid + bit + 1) & 0xffff);
    }
  }
  return lost;
}

test("numbers within sixteen of the first share an entry, over the wrap too", () => {
  expect(write([0xfffe, 0xffff, 0, 14, 15]))
    .toEqual(hex("81cd0004 fedcba98 89abcdef fffe 8003 000f 0000"));
});

test("extended and repeated numbers give the same entry as plain ones", () => {
  expect(write([65536 + 5, 65536 + 6, 65536 + 6])).toEqual(write([5, 6]));
});

test("werift reads what is written, and the other way round", () => {
  const next = seededNumbers(5);
  for (let round = 0; round < 200; round++) {
    const start = next(65536);
    const lost = Array.from({ length: 1 + next(40) }, (_, i) => (start + i * (1 + next(2)) + i) & 0xffff);
    const ordered = [...new Set(lost)].sort((a, b) => ((a - start) & 0xffff) - ((b - start) & 0xffff));
    const bytes = write(ordered);
    const [packet] = RtcpPacketConverter.deSerialize(Buffer.from(bytes)) as RtcpTransportLayerFeedback[];
    // werift lets a number grow beyond 16 bits where the mask reaches over the wrap.
    expect((packet.feedback as GenericNack).lost.map((seq) => seq & 0xffff)).toEqual(ordered);
    expect(read(bytes)).toEqual(ordered);
    const theirs = new GenericNack({ senderSsrc: 1, mediaSourceSsrc: 2, lost: ordered }).serialize();
    expect([rtcpType(theirs, 0), rtcpCount(theirs, 0)]).toEqual([RTPFB, 1]);
    expect([rtcpSenderSsrc(theirs, 0), feedbackMediaSsrc(theirs, 0)]).toEqual([1, 2]);
    expect(read(theirs)).toEqual(ordered);
  }
});
