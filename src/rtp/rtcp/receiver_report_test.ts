import { Buffer } from "node:buffer";
import { RtcpPacketConverter, RtcpReceiverInfo, RtcpRrPacket } from "werift";
import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { receiverReportBlock, receiverReportBlockCount, writeReceiverReport } from "./receiver_report.ts";
import { reportBlockSsrc, writeReportBlock } from "./report_block.ts";

test("a report without blocks is the shortest RTCP packet that may begin a compound", () => {
  const bytes = new Uint8Array(8);
  expect(writeReceiverReport(bytes, 0, 0xfedcba98, 0)).toBe(8);
  expect(bytes).toEqual(hex("80c90001 fedcba98"));
  expect(receiverReportBlockCount(bytes, 0, 8)).toBe(0);
});

test("a report with 31 blocks is read back by werift", () => {
  const bytes = new Uint8Array(8 + 31 * 24);
  const length = writeReceiverReport(bytes, 0, 1, 31);
  for (let i = 0; i < 31; i++) writeReportBlock(bytes, receiverReportBlock(0, i), 100 + i, 0, 0, i, 0, 0, 0);
  const [read] = RtcpPacketConverter.deSerialize(Buffer.from(bytes)) as RtcpRrPacket[];
  expect(length).toBe(bytes.length);
  expect(read.reports.map((report) => report.ssrc)).toEqual(Array.from({ length: 31 }, (_, i) => 100 + i));
});

test("werift's report is read, and a broken-off one is malformed", () => {
  const bytes = new RtcpRrPacket({ ssrc: 9, reports: [new RtcpReceiverInfo({ ssrc: 0xffffffff })] })
    .serialize();
  expect(receiverReportBlockCount(bytes, 0, bytes.length)).toBe(1);
  expect(reportBlockSsrc(bytes, receiverReportBlock(0, 0))).toBe(0xffffffff);
  expect(receiverReportBlockCount(bytes, 0, bytes.length - 4)).toBe(-1);
});
