import { expect, test } from "vitest";
import { Vp8RtpPayload } from "werift";
import { Buffer } from "node:buffer";
import { hex, seededNumbers } from "../../../test/kit/wire.ts";
import { startsKeyframe } from "./vp8.ts";

const starts = (text: string) => startsKeyframe(hex(text), 0, hex(text).length);

test("the start of partition 0 with P clear is a keyframe's first packet", () => {
  expect(starts("10 50 9d012a")).toBe(true);
  expect(starts("10 51 9d012a")).toBe(false);
  expect(starts("00 50 9d012a")).toBe(false);
  expect(starts("11 50 9d012a")).toBe(false);
});

test("the payload header is found behind every combination of descriptor fields", () => {
  expect(starts("90 80 7f 50")).toBe(true);
  expect(starts("90 80 ffff 50")).toBe(true);
  expect(starts("90 80 ffff 51")).toBe(false);
  expect(starts("90 f0 8001 02 60 50")).toBe(true);
  expect(starts("90 20 60 50")).toBe(true);
  expect(starts("90 10 01 51")).toBe(false);
  expect(starts("90 40 01 50")).toBe(true);
});

test("a descriptor that fills its packet starts nothing", () => {
  for (const text of ["10", "90 80", "90 80 ffff", "90 f0 8001 02 60"]) expect(starts(text)).toBe(false);
});

test("werift's depacketiser agrees on every descriptor", () => {
  const next = seededNumbers(23);
  for (let round = 0; round < 3000; round++) {
    const payload = Buffer.from(Array.from({ length: 12 }, () => next(256)));
    payload[0] &= 0xf0 | next(3);
    // werift looks for the octet of TID and KEYIDX where L or K is set; RFC 7741 has it where T or K is.
    if (payload[0] & 0x80 && (payload[1] & 0x70) !== 0x70) payload[1] &= 0x9f;
    const theirs = Vp8RtpPayload.deSerialize(payload);
    const wanted = theirs.sBit === 1 && theirs.pid === 0 && (theirs.payload[0] & 1) === 0;
    expect(startsKeyframe(payload, 0, payload.length), payload.toString("hex")).toBe(wanted);
  }
});
