import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import {
  REPORT_BLOCK_BYTES,
  reportBlockDelay,
  reportBlockFractionLost,
  reportBlockHighestSequence,
  reportBlockJitter,
  reportBlockLastSenderReport,
  reportBlockPacketsLost,
  reportBlockSsrc,
  writeReportBlock,
} from "./report_block.ts";

function lostAfterWriting(packetsLost: number): number {
  const bytes = new Uint8Array(REPORT_BLOCK_BYTES);
  writeReportBlock(bytes, 0, 1, 2, packetsLost, 3, 4, 5, 6);
  expect([reportBlockSsrc(bytes, 0), reportBlockFractionLost(bytes, 0), reportBlockDelay(bytes, 0)])
    .toEqual([1, 2, 6]);
  return reportBlockPacketsLost(bytes, 0);
}

test("every field of a block is read", () => {
  const bytes = hex("00 fedcba98 fffffffe 8001ffff 80000002 80000003 80000004");
  expect(reportBlockSsrc(bytes, 1)).toBe(0xfedcba98);
  expect(reportBlockFractionLost(bytes, 1)).toBe(255);
  expect(reportBlockPacketsLost(bytes, 1)).toBe(-2);
  expect(reportBlockHighestSequence(bytes, 1)).toBe(0x8001ffff);
  expect(reportBlockJitter(bytes, 1)).toBe(0x80000002);
  expect(reportBlockLastSenderReport(bytes, 1)).toBe(0x80000003);
  expect(reportBlockDelay(bytes, 1)).toBe(0x80000004);
});

test("the loss of 24 bits is signed and clamped, never wrapped", () => {
  expect([-1, 0, 8_388_607, 8_388_608, -8_388_608, -9_000_000].map(lostAfterWriting))
    .toEqual([-1, 0, 8_388_607, 8_388_607, -8_388_608, -8_388_608]);
});
