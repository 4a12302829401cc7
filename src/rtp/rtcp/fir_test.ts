import { Buffer } from "node:buffer";
import { RtcpPacketConverter, type RtcpPayloadSpecificFeedback } from "werift";
import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { firCount, firSequence, firSsrc, writeFir } from "./fir.ts";

test("a written FIR is byte-exact: no media SSRC in the header, the source in its entry", () => {
  const bytes = new Uint8Array(20).fill(0xee);
  expect(writeFir(bytes, 0, 0xfedcba98, 0x89abcdef, 255)).toBe(20);
  expect(bytes).toEqual(hex("84ce0004 fedcba98 00000000 89abcdef ff000000"));
  const [read] = RtcpPacketConverter.deSerialize(Buffer.from(bytes)) as RtcpPayloadSpecificFeedback[];
  expect(read.feedback).toMatchObject({ fir: [{ ssrc: 0x89abcdef, sequenceNumber: 255 }] });
});

test("every entry is read", () => {
  const bytes = hex("84ce0006 00000001 00000000 ffffffff c8000000 00000007 00ffffff");
  expect(firCount(bytes, 0, bytes.length)).toBe(2);
  expect([firSsrc(bytes, 0, 0), firSequence(bytes, 0, 0)]).toEqual([0xffffffff, 200]);
  expect([firSsrc(bytes, 0, 1), firSequence(bytes, 0, 1)]).toEqual([7, 0]);
});

test("an entry that breaks off does not count", () => {
  expect(firCount(hex("84ce0003 00000001 00000000 00000002"), 0, 16)).toBe(0);
  expect(firCount(hex("84ce0001 00000001"), 0, 8)).toBe(-1);
});
