import { Buffer } from "node:buffer";
import {
  RtcpPacketConverter,
  RtcpSourceDescriptionPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from "werift";
import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { sdesCname, writeSdes } from "./sdes.ts";

function cnameOf(bytes: Uint8Array, ssrc: number): string | null {
  const at = sdesCname(bytes, 0, bytes.length, ssrc);
  return at < 0 ? null : new TextDecoder().decode(bytes.slice(at, at + bytes[at - 1]));
}

test("a CNAME of every length is written with one to four null bytes and read back by werift", () => {
  expect(writeSdes(new Uint8Array(20), 0, 1, new Uint8Array(2))).toBe(16);
  for (let size = 0; size <= 255; size++) {
    const text = "x".repeat(size);
    const bytes = new Uint8Array(300).fill(0xee);
    const length = writeSdes(bytes, 0, 0xfedcba98, new TextEncoder().encode(text));
    expect([length % 4, bytes[length - 1], bytes[length]]).toEqual([0, 0, 0xee]);
    expect(cnameOf(bytes.slice(0, length), 0xfedcba98)).toBe(text);
    const [read] = RtcpPacketConverter.deSerialize(Buffer.from(bytes.slice(0, length)));
    expect((read as RtcpSourceDescriptionPacket).chunks[0].items[0].text).toBe(text);
  }
});

test("a written packet is byte-exact", () => {
  const bytes = new Uint8Array(16);
  expect(writeSdes(bytes, 0, 0xfedcba98, new TextEncoder().encode("abc"))).toBe(16);
  expect(bytes).toEqual(hex("81ca0003 fedcba98 0103616263 000000"));
});

test("the right chunk and item are found in werift's packet", () => {
  const chunk = (source: number, ...items: [number, string][]) =>
    new SourceDescriptionChunk({
      source,
      items: items.map(([type, text]) => new SourceDescriptionItem({ type, text })),
    });
  const bytes = new RtcpSourceDescriptionPacket({
    chunks: [chunk(1, [2, "name"], [1, "one"]), chunk(2, [1, "zwei!"]), chunk(3, [6, "tool"])],
  }).serialize();
  expect([1, 2, 3, 4].map((ssrc) => cnameOf(bytes, ssrc))).toEqual(["one", "zwei!", null, null]);
});

test("an item that leaves the packet is not read", () => {
  expect(cnameOf(hex("81ca0002 00000001 01036162"), 1)).toBe(null);
  expect(cnameOf(hex("81ca0002 00000001 01026162"), 1)).toBe("ab");
});
