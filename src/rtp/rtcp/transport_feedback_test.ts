import { Buffer } from "node:buffer";
import { RtcpPacketConverter, RtcpTransportLayerFeedback, TransportWideCC } from "werift";
import { describe, expect, test } from "vitest";
import { hex, seededNumbers } from "../../../test/kit/wire.ts";
import { rtcpContentLength, rtcpLength } from "./packet.ts";
import {
  MAX_FEEDBACK_STATUSES,
  transportFeedbackBase,
  transportFeedbackCount,
  transportFeedbackReference,
  transportFeedbackStatusCount,
  writeTransportFeedback,
} from "./transport_feedback.ts";
import { readTransportFeedback } from "./transport_feedback_reader.ts";

const LOST = -1;

function write(arrivals: number[], base = 0x1000): Uint8Array {
  const bytes = new Uint8Array(4000).fill(0xee);
  const length = writeTransportFeedback(
    bytes,
    0,
    0xfa17fa17,
    1,
    7,
    base,
    Float64Array.from(arrivals),
    arrivals.length,
  );
  expect(bytes[length]).toBe(0xee);
  return bytes.slice(0, length);
}

/** Arrivals as the reader gives them, LOST for those that did not come. */
function read(bytes: Uint8Array): number[] {
  const arrivals = new Float64Array(2000);
  expect(rtcpLength(bytes, 0, bytes.length)).toBe(bytes.length);
  const count = readTransportFeedback(bytes, 0, bytes.length, arrivals);
  return Array.from(arrivals.slice(0, count), (ticks) => Number.isNaN(ticks) ? LOST : ticks);
}

function weriftOf(bytes: Uint8Array): TransportWideCC {
  const [packet] = RtcpPacketConverter.deSerialize(Buffer.from(bytes)) as RtcpTransportLayerFeedback[];
  return packet.feedback as TransportWideCC;
}

describe("writing is byte-exact", () => {
  test("a run of small deltas is one run-length chunk", () => {
    // Reference 2 (128 ms, 512 ticks), deltas 3, 4, 0, padding of three.
    expect(write([515, 519, 519]))
      .toEqual(hex("afcd0006 fa17fa17 00000001 10000003 00000207 2003 030400 000003"));
  });

  test("received and lost ones share a one-bit vector", () => {
    // Symbols 1 0 1 1: the bits 10 for its kind, then 1011 and ten zeros.
    expect(write([0, LOST, 1, 2]))
      .toEqual(hex("afcd0006 fa17fa17 00000001 10000004 00000007 ac00 000101 000003"));
  });

  test("large and negative deltas make a two-bit vector", () => {
    // Symbols 1 2 2: the bits 11 for its kind, then 01 10 10 and zeros; deltas 1, 256, -2.
    expect(write([1, 257, 255]))
      .toEqual(hex("afcd0006 fa17fa17 00000001 10000003 00000007 da00 01 0100 fffe 01"));
  });

  test("a run longer than a vector, with lost ones before and after, is three chunks", () => {
    const bytes = write([...Array(20).fill(LOST), ...Array(30).fill(256), ...Array(15).fill(LOST)]);
    expect(bytes.slice(12, 26)).toEqual(hex("1000 0041 000001 07 0014 201e 000f"));
  });

  test("the reference time keeps its low 24 bits", () => {
    expect(transportFeedbackReference(write([(2 ** 24 + 5) * 256]), 0)).toBe(5);
    expect(transportFeedbackReference(write([(2 ** 24 - 1) * 256]), 0)).toBe(-1);
  });
});

describe("what one packet covers", () => {
  test("nothing arrived, nothing is written", () => {
    expect(write([LOST, LOST]).length).toBe(0);
    expect(write([]).length).toBe(0);
  });

  test("a gap that no delta can say ends the packet", () => {
    const bytes = write([0, 1, LOST, 32769, 5]);
    expect(transportFeedbackStatusCount(bytes, 0)).toBe(3);
    expect(read(bytes)).toEqual([0, 1, LOST]);
    expect(read(write([0, 1, LOST, 32768, 5]))).toEqual([0, 1, LOST, 32768, 5]);
    expect(read(write([40_000, 40_000 - 0x8000]))).toEqual([40_000, 40_000 - 0x8000]);
    expect(read(write([40_000, 40_000 - 0x8001]))).toEqual([40_000]);
  });

  test("no packet covers more than its most, nor is longer than its documentation says", () => {
    const bytes = write(Array.from({ length: 1500 }, (_, i) => 1000 + (i % 2) * 300));
    expect(transportFeedbackStatusCount(bytes, 0)).toBe(MAX_FEEDBACK_STATUSES);
    expect(bytes.length).toBeLessThanOrEqual(2364);
  });
});

describe("reading", () => {
  /** Bursts, gaps, jitter and reordering, all kinds by turns. */
  function someArrivals(next: (limit: number) => number): number[] {
    const lossPercent = [0, 5, 50, 95][next(4)];
    const stepTicks = [2, 40, 400, 3000][next(4)];
    let ticks = next(100_000);
    return Array.from({ length: 1 + next(300) }, () => {
      ticks += next(stepTicks);
      return next(100) < lossPercent ? LOST : Math.max(0, ticks - (next(20) === 0 ? next(500) : 0));
    });
  }

  test("whatever is written is read back, here and by werift", () => {
    const next = seededNumbers(17);
    for (let round = 0; round < 400; round++) {
      const arrivals = someArrivals(next);
      const base = next(65536);
      const bytes = write(arrivals, base);
      if (bytes.length === 0) continue;
      const covered = transportFeedbackStatusCount(bytes, 0);
      expect(transportFeedbackBase(bytes, 0)).toBe(base);
      expect(transportFeedbackCount(bytes, 0)).toBe(7);
      expect(read(bytes)).toEqual(arrivals.slice(0, covered));
      const theirs = weriftOf(bytes);
      expect([theirs.baseSequenceNumber, theirs.packetStatusCount]).toEqual([base, covered]);
      let ticks = theirs.referenceTime * 256;
      const times = theirs.recvDeltas.map((delta) => ticks += delta.delta / 250);
      expect(times.slice(0, arrivals.slice(0, covered).filter((t) => t >= 0).length))
        .toEqual(arrivals.slice(0, covered).filter((t) => t >= 0));
    }
  });

  test("werift writes our packet again to the same bytes", () => {
    const bytes = write([515, 519, LOST, 519, 2000, ...Array(20).fill(2001)]);
    const again = weriftOf(bytes).serialize();
    expect(Buffer.from(again).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
  });

  test("a packet shorter than its own counts is malformed, at every length", () => {
    const bytes = write([1, 257, 255, LOST, 9, ...Array(20).fill(10)]);
    const arrivals = new Float64Array(100);
    bytes[0] &= ~0x20;
    const content = rtcpContentLength(bytes, 0, bytes.length);
    expect(readTransportFeedback(bytes, 0, content, arrivals)).toBe(25);
    for (let length = 4; length < content - 4; length++) {
      expect(readTransportFeedback(bytes, 0, length, arrivals)).toBe(-1);
    }
  });

  test("statuses beyond the array are counted and not stored", () => {
    const arrivals = new Float64Array(2);
    const bytes = write([0, 1, 2, 300, 4]);
    expect(readTransportFeedback(bytes, 0, bytes.length, arrivals)).toBe(5);
    expect(Array.from(arrivals)).toEqual([0, 1]);
  });

  test("a run-length chunk of nothing ends the reading", () => {
    const bytes = hex("8fcd0005 fa17fa17 00000001 10000003 00000207 0000 0000");
    expect(readTransportFeedback(bytes, 0, bytes.length, new Float64Array(10))).toBe(-1);
  });
});
