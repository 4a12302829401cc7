import { expect, test } from "vitest";
import { packetChecksum } from "./crc32c.ts";

/** Bit by bit, as the polynomial is defined. */
function slowly(packet: Uint8Array): number {
  let crc = 0xffffffff;
  packet.forEach((byte, at) => {
    crc ^= at >= 8 && at < 12 ? 0 : byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  });
  return ~crc >>> 0;
}

test("32 zero bytes have the checksum that RFC 3720 appendix B.4 gives", () => {
  expect(packetChecksum(new Uint8Array(32))).toBe(0x8a9136aa);
});

test("every length has the checksum that the polynomial gives, whatever the field itself holds", () => {
  for (let length = 12; length < 90; length++) {
    const packet = Uint8Array.from({ length }, (_, i) => i * 37 + length);
    expect(packetChecksum(packet)).toBe(slowly(packet));
  }
});
