import { Buffer } from "node:buffer";
import { RtcpPacketConverter, RtcpReceiverInfo, RtcpSenderInfo, RtcpSrPacket } from "werift";
import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { rtcpLength, rtcpSenderSsrc } from "./packet.ts";
import { reportBlockSsrc, writeReportBlock } from "./report_block.ts";
import {
  senderReportBlock,
  senderReportBlockCount,
  senderReportNtpFraction,
  senderReportNtpSeconds,
  senderReportOctetCount,
  senderReportPacketCount,
  senderReportRtpTimestamp,
  writeSenderReport,
} from "./sender_report.ts";

test("a written report is byte-exact and read back by werift", () => {
  const bytes = new Uint8Array(60).fill(0xee);
  const length = writeSenderReport(
    bytes,
    4,
    0xfedcba98,
    0xb44db705,
    0x20000000,
    0x89abcdef,
    7,
    4_000_000_000,
    1,
  );
  writeReportBlock(bytes, senderReportBlock(4, 0), 0x11111111, 64, 5, 0x0001fffe, 90, 0xb7052000, 0x54000);
  expect(length).toBe(52);
  expect(bytes).toEqual(hex(`eeeeeeee
    81c8000c fedcba98 b44db705 20000000 89abcdef 00000007 ee6b2800
    11111111 40000005 0001fffe 0000005a b7052000 00054000 eeeeeeee`));
  const [read] = RtcpPacketConverter.deSerialize(Buffer.from(bytes.slice(4, 4 + length))) as RtcpSrPacket[];
  expect(read.senderInfo.ntpTimestamp).toBe(0xb44db70520000000n);
  expect(read.senderInfo.octetCount).toBe(4_000_000_000);
  expect(read.reports[0].toJSON()).toEqual({
    ssrc: 0x11111111,
    fractionLost: 64,
    packetsLost: 5,
    highestSequence: 0x0001fffe,
    jitter: 90,
    lsr: 0xb7052000,
    dlsr: 0x54000,
  });
});

test("werift's report is read in full", () => {
  const bytes = new RtcpSrPacket({
    ssrc: 0x80000001,
    senderInfo: new RtcpSenderInfo({
      ntpTimestamp: 0xeeeeeeee87654321n,
      rtpTimestamp: 0xfffffffe,
      packetCount: 9,
      octetCount: 10_000,
    }),
    reports: [5, 6].map((ssrc) => new RtcpReceiverInfo({ ssrc })),
  }).serialize();
  expect(rtcpLength(bytes, 0, bytes.length)).toBe(bytes.length);
  expect(senderReportBlockCount(bytes, 0, bytes.length)).toBe(2);
  expect(rtcpSenderSsrc(bytes, 0)).toBe(0x80000001);
  expect([senderReportNtpSeconds(bytes, 0), senderReportNtpFraction(bytes, 0)]).toEqual([
    0xeeeeeeee,
    0x87654321,
  ]);
  expect(senderReportRtpTimestamp(bytes, 0)).toBe(0xfffffffe);
  expect([senderReportPacketCount(bytes, 0), senderReportOctetCount(bytes, 0)]).toEqual([9, 10_000]);
  expect(reportBlockSsrc(bytes, senderReportBlock(0, 1))).toBe(6);
});

test("a report shorter than its count of blocks is malformed", () => {
  const bytes = new Uint8Array(52);
  writeSenderReport(bytes, 0, 1, 2, 3, 4, 5, 6, 1);
  expect([senderReportBlockCount(bytes, 0, 52), senderReportBlockCount(bytes, 0, 48)]).toEqual([1, -1]);
  bytes[0] = 0x80;
  expect([senderReportBlockCount(bytes, 0, 28), senderReportBlockCount(bytes, 0, 24)]).toEqual([0, -1]);
});
