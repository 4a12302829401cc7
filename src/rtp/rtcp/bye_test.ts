import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { byeCount, byeSsrc, writeBye } from "./bye.ts";
import { rtcpLength } from "./packet.ts";

test("a written BYE is byte-exact and read back", () => {
  const bytes = new Uint8Array(12);
  expect(writeBye(bytes, 0, Uint32Array.of(1, 0xfedcba98, 3), 2)).toBe(12);
  expect(bytes).toEqual(hex("82cb0002 00000001 fedcba98"));
  expect(rtcpLength(bytes, 0, 12)).toBe(12);
  expect([byeCount(bytes, 0, 12), byeSsrc(bytes, 0, 0), byeSsrc(bytes, 0, 1)]).toEqual([2, 1, 0xfedcba98]);
});

test("a reason is no source, and a BYE shorter than its count is malformed", () => {
  expect(byeCount(hex("81cb0002 00000001 03627965"), 0, 12)).toBe(1);
  expect(byeCount(hex("82cb0001 00000001"), 0, 8)).toBe(-1);
  expect(byeCount(hex("80cb0000"), 0, 4)).toBe(0);
});
