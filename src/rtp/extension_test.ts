import { RTP_EXTENSION_URI, RtpHeader } from "werift";
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { hex } from "../../test/kit/wire.ts";
import {
  appendExtension,
  beginExtensions,
  endExtensions,
  ExtensionTable,
  readExtensions,
} from "./extension.ts";
import { extensionUris } from "./extension_uris.ts";
import { headerLength, setHasExtension, writeHeader } from "./header.ts";

const fixed = "9060 0001 00000002 00000003";

/** Each element as [id, data in hexadecimal]; "malformed" for -1. */
function elementsOf(packet: Uint8Array): unknown {
  const table = new ExtensionTable();
  expect(headerLength(packet, 0, packet.length)).toBeGreaterThan(0);
  const count = readExtensions(packet, 0, table);
  if (count < 0) return table.count === 0 ? "malformed" : "malformed but not emptied";
  expect(count).toBe(table.count);
  return Array.from({ length: count }, (_, i) => [
    table.ids[i],
    Buffer.from(packet.slice(table.offsets[i], table.offsets[i] + table.lengths[i])).toString("hex"),
  ]);
}

describe("reading", () => {
  test("the one-byte example of RFC 8285 section 4.2 has its three elements, padding between them", () => {
    expect(elementsOf(hex(`${fixed} bede 0003 10aa 21bb cc 00 00 33 dddddddd`)))
      .toEqual([[1, "aa"], [2, "bbcc"], [3, "dddddddd"]]);
  });

  test("the two-byte example of RFC 8285 section 4.3 has its three elements, one of them empty", () => {
    expect(elementsOf(hex(`${fixed} 1000 0003 0100 0201 bb 00 0304 dddddddd`)))
      .toEqual([[1, ""], [2, "bb"], [3, "dddddddd"]]);
    expect(elementsOf(hex(`${fixed} 100f 0001 ff02 aabb`))).toEqual([[255, "aabb"]]);
  });

  test("id 15, and id 0 with a length, end the reading of a one-byte block", () => {
    expect(elementsOf(hex(`${fixed} bede 0002 10aa f0bb 20cc 0000`))).toEqual([[1, "aa"]]);
    expect(elementsOf(hex(`${fixed} bede 0002 10aa 01bb 20cc 0000`))).toEqual([[1, "aa"]]);
  });

  test("an element that leaves its block is malformed", () => {
    expect(elementsOf(hex(`${fixed} bede 0001 10aa 21bb 616263`))).toBe("malformed");
    expect(elementsOf(hex(`${fixed} 1000 0001 0101 aa02 616263`))).toBe("malformed");
    expect(elementsOf(hex(`${fixed} 1000 0001 0103 aabb 616263`))).toBe("malformed");
  });

  test("no block, an empty block and a foreign profile have no elements", () => {
    expect(elementsOf(hex("8060 0001 00000002 00000003 bede 0001 10aa 0000"))).toEqual([]);
    expect(elementsOf(hex(`${fixed} bede 0000 10aa 0000`))).toEqual([]);
    expect(elementsOf(hex(`${fixed} abac 0001 10aa 0000`))).toEqual([]);
  });

  test("elements beyond the table's sixteen are left out", () => {
    const ids = Array.from({ length: 20 }, (_, i) => (i + 1).toString(16).padStart(2, "0") + "00");
    expect((elementsOf(hex(`${fixed} 1000 000a ${ids.join("")}`)) as unknown[]).length).toBe(16);
  });
});

describe("writing", () => {
  test("a block is byte-exact, padded to words and read back by werift", () => {
    const bytes = new Uint8Array(40).fill(0xee);
    writeHeader(bytes, 0, false, 96, 1, 2, 3);
    setHasExtension(bytes, 0, true);
    let at = beginExtensions(bytes, 12);
    at = appendExtension(bytes, at, 3, hex("00 1234"), 1, 2);
    at = appendExtension(bytes, at, 14, hex("000102030405060708090a0b0c0d0e0f"), 0, 16);
    const end = endExtensions(bytes, 12, at);
    expect(bytes.slice(0, end)).toEqual(hex(`${fixed} bede 0005 311234 ef000102030405060708090a0b0c0d0e0f`));
    const read = RtpHeader.deSerialize(Buffer.from(bytes.slice(0, end)));
    expect(read.extensions.map((e) => [e.id, e.payload.toString("hex")]))
      .toEqual([[3, "1234"], [14, "000102030405060708090a0b0c0d0e0f"]]);
    expect(bytes[end]).toBe(0xee);
  });

  test("a block without elements is its head only, and a short one is padded", () => {
    const bytes = new Uint8Array(8).fill(0xee);
    expect(endExtensions(bytes, 0, beginExtensions(bytes, 0))).toBe(4);
    expect(bytes).toEqual(hex("bede0000 eeeeeeee"));
    expect(endExtensions(bytes, 0, appendExtension(bytes, beginExtensions(bytes, 0), 1, hex("aa"), 0, 1)))
      .toBe(8);
    expect(bytes).toEqual(hex("bede0001 10aa0000"));
  });

  test("data that lie behind their destination in the same buffer are copied whole", () => {
    const bytes = hex("bede0000 00010203040506");
    appendExtension(bytes, 4, 1, bytes, 5, 5);
    expect(bytes.slice(4, 10)).toEqual(hex("14 0102030405"));
    appendExtension(bytes, 4, 1, bytes, 6, 4);
    expect(bytes.slice(4, 9)).toEqual(hex("13 02030405"));
  });
});

test("every extension that the plane knows has a URI, the same as werift's", () => {
  const uris = extensionUris;
  expect(new Set(Object.values(uris)).size).toBe(9);
  const { sdesMid, sdesRTPStreamID, repairedRtpStreamId, transportWideCC, absSendTime } = RTP_EXTENSION_URI;
  expect([uris.mid, uris.rid, uris.repairedRid, uris.transportWideCc, uris.absSendTime])
    .toEqual([sdesMid, sdesRTPStreamID, repairedRtpStreamId, transportWideCC, absSendTime]);
  expect([uris.audioLevel, uris.videoOrientation])
    .toEqual([RTP_EXTENSION_URI.audioLevelIndication, RTP_EXTENSION_URI.videoOrientation]);
});
