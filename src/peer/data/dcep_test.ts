import { describe, expect, test } from "vitest";
import { type ChannelTerms, readDcep, writeAck, writeOpen } from "./dcep.ts";
import { decodePayload, encodePayload, PPID } from "./payload.ts";

const terms: ChannelTerms = {
  label: "grüße",
  protocol: "p",
  ordered: true,
  maxPacketLifeTimeMs: null,
  maxRetransmits: null,
};

describe("DCEP", () => {
  test("every kind of channel is read as it was written", () => {
    for (const ordered of [true, false]) {
      for (
        const bound of [{}, { maxRetransmits: 0 }, { maxRetransmits: 5 }, { maxPacketLifeTimeMs: 65_535 }]
      ) {
        const wanted = { ...terms, ordered, ...bound };
        expect(readDcep(writeOpen(wanted))).toEqual({ kind: "open", terms: wanted });
      }
    }
    expect(readDcep(writeAck())).toEqual({ kind: "ack" });
  });

  test("an OPEN is laid out as RFC 8832 section 5.1 draws it", () => {
    const bytes = writeOpen({ ...terms, label: "ab", ordered: false, maxRetransmits: 258 });
    expect([...bytes]).toEqual([3, 0x81, 0, 0, 0, 0, 1, 2, 0, 2, 0, 1, 0x61, 0x62, 0x70]);
  });

  test("what is cut short, or of an unknown type, is none", () => {
    const bytes = writeOpen(terms);
    for (let length = 0; length < bytes.length; length++) {
      expect(readDcep(bytes.subarray(0, length))).toBe(null);
    }
    for (const type of [3, 0x7f, 0x83]) {
      bytes[1] = type;
      expect(readDcep(bytes)).toBe(null);
    }
    expect(readDcep(new Uint8Array([9]))).toBe(null);
  });
});

describe("payloads", () => {
  test("text, bytes and nothing are told apart by their identifier", () => {
    for (const payload of ["grüße", "", new Uint8Array([1, 2]), new Uint8Array(0)]) {
      const encoded = encodePayload(payload);
      expect(encoded.payload.length).toBeGreaterThan(0);
      expect(decodePayload(encoded.ppid, encoded.payload)).toEqual(payload);
    }
    expect(encodePayload("").ppid).toBe(PPID.emptyText);
    expect(encodePayload(new Uint8Array(0)).ppid).toBe(PPID.emptyBinary);
  });

  test("identifiers that nobody uses any more are not taken", () => {
    for (const ppid of [0, 52, 54, 55, 99]) expect(decodePayload(ppid, new Uint8Array(1))).toBe(null);
  });
});
