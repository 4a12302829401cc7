import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { crc32 } from "./crc32.ts";

test("the check value of CRC-32 comes out, wherever the bytes stand", () => {
  const bytes = new TextEncoder().encode("xx123456789yy");
  expect(crc32(bytes, 2, 11)).toBe(0xcbf43926);
  expect(crc32(bytes, 5, 5)).toBe(0);
});

test("random bytes agree with zlib", () => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 7 + (i >> 3)) & 255);
  for (const end of [1, 64, 999, 3000]) expect(crc32(bytes, 0, end)).toBe(zlibCrc32(bytes.slice(0, end)));
});
