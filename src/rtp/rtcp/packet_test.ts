import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import {
  feedbackEntries,
  feedbackMediaSsrc,
  rtcpContentLength,
  rtcpCount,
  rtcpLength,
  rtcpSenderSsrc,
  rtcpType,
} from "./packet.ts";

/** An RR without blocks, then a PLI. */
const compound = hex("80c90001 00000001 81ce0002 fffffffe 89abcdef");

test("a compound packet is walked by the length of each", () => {
  const first = rtcpLength(compound, 0, compound.length);
  expect([first, rtcpType(compound, 0), rtcpCount(compound, 0), rtcpSenderSsrc(compound, 0)]).toEqual([
    8,
    201,
    0,
    1,
  ]);
  expect([rtcpLength(compound, 8, 20), rtcpType(compound, 8), rtcpCount(compound, 8)]).toEqual([12, 206, 1]);
  expect([rtcpSenderSsrc(compound, 8), feedbackMediaSsrc(compound, 8)]).toEqual([0xfffffffe, 0x89abcdef]);
});

test("a packet that reaches beyond the end, or is not version 2, is malformed", () => {
  for (let end = 8; end < 20; end++) expect(rtcpLength(compound, 8, end)).toBe(-1);
  expect(rtcpLength(hex("40c90001 00000001"), 0, 8)).toBe(-1);
  expect(rtcpLength(hex("80c9ffff 00000001"), 0, 8)).toBe(-1);
});

test("padding is not content, and an impossible count of it is malformed", () => {
  const padded = (count: string) => hex(`a1cd0004 00000001 00000002 0005 0000 000000${count}`);
  expect(rtcpContentLength(padded("04"), 0, 20)).toBe(16);
  expect(rtcpContentLength(padded("00"), 0, 20)).toBe(-1);
  expect(rtcpContentLength(padded("11"), 0, 20)).toBe(-1);
  expect([feedbackEntries(padded("04"), 0, 20, 4), feedbackEntries(padded("0c"), 0, 20, 4)]).toEqual([1, -1]);
});
