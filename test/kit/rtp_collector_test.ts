import { expect, test } from "vitest";
import { RtpCollector } from "./rtp_collector.ts";

/** An RTP packet of an H264 single NAL unit; `padding` bytes are added at its end as RFC 3550 section 5.1 says. */
function packet(
  sequence: number,
  timestamp: number,
  payload: number[],
  marker = true,
  padding = 0,
): Uint8Array {
  const tail = padding > 0 ? [...Array(padding - 1).fill(0), padding] : [];
  const bytes = new Uint8Array([
    0x80 | (padding > 0 ? 0x20 : 0),
    96 | (marker ? 0x80 : 0),
    ...Array(10).fill(0),
  ]);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, 7);
  return new Uint8Array([...bytes, ...payload, ...tail]);
}

const collect = (...packets: Uint8Array[]) => {
  const collector = new RtpCollector("MPEG4/ISO/AVC");
  packets.forEach((bytes) => collector.take(bytes));
  return collector;
};

const framesOf = (collector: RtpCollector) =>
  collector.accessUnits().map((unit) => [unit.timestamp, ...unit.bytes]);

test("puts frames into the order of sequence numbers over their wrap, once each", () => {
  const collector = collect(
    packet(65535, 100, [0x41, 1]),
    packet(1, 300, [0x41, 3]),
    packet(0, 200, [0x41, 2]),
    packet(0, 200, [0x41, 2]),
  );
  expect(framesOf(collector)).toEqual([
    [100, 0, 0, 0, 1, 0x41, 1],
    [200, 0, 0, 0, 1, 0x41, 2],
    [300, 0, 0, 0, 1, 0x41, 3],
  ]);
  expect([collector.packetCount, collector.lostCount, collector.ssrcs]).toEqual([3, 0, [7]]);
});

test("padding is no picture, and a packet of padding alone is no frame", () => {
  const collector = collect(packet(1, 100, [0x41, 1], true, 6), packet(2, 100, [], false, 200));
  expect(framesOf(collector)).toEqual([[100, 0, 0, 0, 1, 0x41, 1]]);
});

test("counts what is missing and leaves out the frame that it belonged to", () => {
  const collector = collect(
    packet(1, 100, [0x41, 1], false),
    packet(3, 100, [0x41, 3]),
    packet(4, 200, [0x41, 4]),
  );
  expect(collector.lostCount).toBe(1);
  expect(framesOf(collector).map(([timestamp]) => timestamp)).toEqual([200]);
});
