import { Buffer } from "node:buffer";
import { ReceiverEstimatedMaxBitrate, RtcpPacketConverter, RtcpPayloadSpecificFeedback } from "werift";
import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { rembBitrateBps, rembSsrc, rembSsrcCount, writeRemb } from "./remb.ts";

function write(bitrateBps: number): Uint8Array {
  const bytes = new Uint8Array(28);
  expect(writeRemb(bytes, 0, 0xfedcba98, bitrateBps, Uint32Array.of(0x89abcdef, 2), 2)).toBe(28);
  return bytes;
}

test("a written REMB is byte-exact", () => {
  // 2 Mbit/s = 250000 * 2^3: exponent 3 in six bits, mantissa 0x3d090 in eighteen.
  expect(write(2_000_000)).toEqual(hex("8fce0006 fedcba98 00000000 52454d42 020fd090 89abcdef 00000002"));
});

test("werift reads the same bitrate and SSRCs", () => {
  for (const bitrateBps of [0, 1, 262_143, 262_144, 2_000_000, 1_000_000_000]) {
    const bytes = write(bitrateBps);
    const [read] = RtcpPacketConverter.deSerialize(Buffer.from(bytes)) as RtcpPayloadSpecificFeedback[];
    const remb = read.feedback as ReceiverEstimatedMaxBitrate;
    expect(Number(remb.bitrate)).toBe(rembBitrateBps(bytes, 0));
    expect(remb.ssrcFeedbacks).toEqual([0x89abcdef, 2]);
    expect([rembSsrcCount(bytes, 0, 28), rembSsrc(bytes, 0, 0), rembSsrc(bytes, 0, 1)]).toEqual([
      2,
      0x89abcdef,
      2,
    ]);
  }
});

test("the bitrate is rounded down by less than a part in 2^17, whatever its size", () => {
  for (const bitrateBps of [262_145, 999_999_999, 2 ** 40 + 12_345, 2 ** 60]) {
    const read = rembBitrateBps(write(bitrateBps), 0);
    expect(read).toBeLessThanOrEqual(bitrateBps);
    expect((bitrateBps - read) / bitrateBps).toBeLessThan(2 ** -17);
  }
  expect(rembSsrcCount(write(Infinity), 0, 28)).toBe(2);
});

test("other application feedback, and a REMB shorter than its count, are none", () => {
  expect(rembSsrcCount(hex("8fce0004 00000001 00000000 4a554e4b 00000000"), 0, 20)).toBe(-1);
  expect(rembSsrcCount(write(1).slice(0, 24), 0, 24)).toBe(-1);
});
