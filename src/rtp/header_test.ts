import { Buffer } from "node:buffer";
import { RtpHeader, RtpPacket } from "werift";
import { describe, expect, test } from "vitest";
import { hex, seededNumbers } from "../../test/kit/wire.ts";
import {
  csrcCount,
  hasExtension,
  hasPadding,
  headerLength,
  marker,
  paddingLength,
  payloadType,
  sequenceNumber,
  setHasExtension,
  setHasPadding,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  timestamp,
  writeHeader,
} from "./header.ts";

/** V2 P X CC=2, M PT=96, sequence 0xfffe, then timestamp, SSRC, two CSRCs, one word of extension, "ab", padding 2. */
const full = hex(`
  b2 e0 fffe 89abcdef fedcba98 11111111 22222222
  bede 0001 10aa0000
  6162 0002`);

describe("reading", () => {
  test("every field of a packet with CSRCs, extension and padding is found behind an offset", () => {
    const bytes = new Uint8Array(7 + full.length);
    bytes.set(full, 7);
    expect(headerLength(bytes, 7, full.length)).toBe(28);
    expect(hasPadding(bytes, 7)).toBe(true);
    expect(hasExtension(bytes, 7)).toBe(true);
    expect(csrcCount(bytes, 7)).toBe(2);
    expect(marker(bytes, 7)).toBe(true);
    expect(payloadType(bytes, 7)).toBe(96);
    expect(sequenceNumber(bytes, 7)).toBe(0xfffe);
    expect(timestamp(bytes, 7)).toBe(0x89abcdef);
    expect(ssrc(bytes, 7)).toBe(0xfedcba98);
    expect(paddingLength(bytes, 7, full.length)).toBe(2);
  });

  test("a header that does not fit into its packet is malformed at every shorter length", () => {
    for (let length = 0; length < 28; length++) expect(headerLength(full, 0, length)).toBe(-1);
    expect(headerLength(full, 0, 28)).toBe(28);
  });

  test("another version than 2 is malformed", () => {
    for (const first of [0x00, 0x40, 0xc0]) {
      expect(headerLength(hex(`${first.toString(16).padStart(2, "0")}60 0001 00000002 00000003`), 0, 12))
        .toBe(-1);
    }
  });

  test("padding of zero bytes, or reaching into the header, is malformed", () => {
    const padded = (last: string) => hex(`a060 0001 00000002 00000003 6162 00${last}`);
    expect(paddingLength(padded("04"), 0, 16)).toBe(4);
    expect(paddingLength(padded("00"), 0, 16)).toBe(-1);
    expect(paddingLength(padded("05"), 0, 16)).toBe(-1);
    expect(paddingLength(padded("04"), 0, 12)).toBe(-1);
    expect(paddingLength(hex("8060 0001 00000002 00000003 ff"), 0, 13)).toBe(0);
  });

  test("werift's serializer writes what the accessors read", () => {
    const next = seededNumbers(7);
    for (let round = 0; round < 200; round++) {
      const header = new RtpHeader({
        marker: next(2) === 1,
        payloadType: next(128),
        sequenceNumber: next(0x10000),
        timestamp: next(0xffffffff),
        ssrc: next(0xffffffff),
        csrc: Array.from({ length: next(4) }, () => next(0xffffffff)),
        extension: next(2) === 1,
        extensions: [{ id: 1 + next(14), payload: Buffer.alloc(1 + next(16), 5) }],
      });
      header.csrcLength = header.csrc.length;
      const bytes = new RtpPacket(header, Buffer.alloc(next(30), 9)).serialize();
      expect(headerLength(bytes, 0, bytes.length)).toBe(RtpHeader.deSerialize(bytes).payloadOffset);
      expect(marker(bytes, 0)).toBe(header.marker);
      expect(payloadType(bytes, 0)).toBe(header.payloadType);
      expect(sequenceNumber(bytes, 0)).toBe(header.sequenceNumber);
      expect(timestamp(bytes, 0)).toBe(header.timestamp);
      expect(ssrc(bytes, 0)).toBe(header.ssrc);
    }
  });
});

describe("writing", () => {
  test("a written header is byte-exact and leaves its surroundings alone", () => {
    const bytes = new Uint8Array(16).fill(0xee);
    writeHeader(bytes, 2, true, 111, 0xfffe, 0x89abcdef, 0xfedcba98);
    expect(bytes).toEqual(hex("eeee 80ef fffe 89abcdef fedcba98 eeee"));
    writeHeader(bytes, 2, false, 0, 0, 0, 1);
    expect(bytes).toEqual(hex("eeee 8000 0000 00000000 00000001 eeee"));
  });

  test("each setter changes its own field only", () => {
    const bytes = full.slice();
    setPayloadType(bytes, 0, 5);
    setSequenceNumber(bytes, 0, 0x10001);
    setTimestamp(bytes, 0, 2 ** 32 + 2);
    setSsrc(bytes, 0, 0xffffffff);
    expect(bytes).toEqual(new Uint8Array([...hex("b285 0001 00000002 ffffffff"), ...full.slice(12)]));
  });

  test("the P and X bits are set and cleared", () => {
    const bytes = hex("8060 0001 00000002 00000003");
    setHasPadding(bytes, 0, true);
    expect(bytes[0]).toBe(0xa0);
    setHasExtension(bytes, 0, true);
    expect(bytes[0]).toBe(0xb0);
    setHasPadding(bytes, 0, false);
    setHasExtension(bytes, 0, false);
    expect(bytes[0]).toBe(0x80);
  });
});
