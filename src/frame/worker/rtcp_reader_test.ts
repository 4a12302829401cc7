import { expect, test } from "vitest";
import {
  ntpFraction,
  ntpSeconds,
  writeFir,
  writePli,
  writeRemb,
  writeSdes,
  writeSenderReport,
} from "../../rtp/mod.ts";
import { readRtcp } from "./rtcp_reader.ts";

function read(bytes: Uint8Array, offset: number, length: number): unknown[] {
  const seen: unknown[] = [];
  readRtcp(bytes, offset, length, {
    senderReport: (ssrc, ntpMs, timestamp) => seen.push({ ssrc, ntpMs: Math.round(ntpMs), timestamp }),
    keyframeWanted: (ssrc) => seen.push(ssrc),
    bitrateBound: (ssrc, bitrateBps) => seen.push([ssrc, bitrateBps]),
  });
  return seen;
}

function compound(): { bytes: Uint8Array; length: number } {
  const bytes = new Uint8Array(200);
  const nowMs = 1_790_000_000_125;
  let at = 3;
  at += writeSenderReport(bytes, at, 11, ntpSeconds(nowMs), ntpFraction(nowMs), 90_000, 1, 2, 0);
  at += writeSdes(bytes, at, 11, new TextEncoder().encode("name"));
  at += writePli(bytes, at, 1, 22);
  at += writeFir(bytes, at, 1, 33, 5);
  at += writeRemb(bytes, at, 1, 512_000, Uint32Array.of(44, 55), 2);
  return { bytes, length: at - 3 };
}

test("a compound packet gives the sender's clock and whose keyframe is wanted", () => {
  const { bytes, length } = compound();
  expect(read(bytes, 3, length)).toEqual([
    { ssrc: 11, ntpMs: 1_790_000_000_125, timestamp: 90_000 },
    22,
    33,
    [44, 512_000],
    [55, 512_000],
  ]);
});

test("what is cut off anywhere is read up to there", () => {
  const { bytes, length } = compound();
  for (let cut = 0; cut < length; cut++) expect(read(bytes.slice(0, 3 + cut), 3, cut).length).toBeLessThan(5);
});
