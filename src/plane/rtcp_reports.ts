// hot
import {
  compactNtp,
  ntpFraction,
  ntpSeconds,
  receiverReportBlock,
  senderReportBlock,
  writeBye,
  writeReceiverReport,
  writeReportBlock,
  writeSdes,
  writeSenderReport,
} from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import type { Inbound } from "./inbound.ts";
import { MAX_RTCP_BYTES } from "./limits.ts";
import { sendRtcp } from "./rtcp_out.ts";
import type { Sender } from "./sender.ts";
import type { Transport } from "./transport.ts";

/** Sender report with no blocks (28) and an SDES chunk whose CNAME is as long as it may get (268). */
const SENDER_BYTES = 28 + 268;
const BLOCK_BYTES = 24;
/** RFC 3550 section 6.4.1: the count has five bits. */
const MAX_BLOCKS = 31;
const byeSsrcs = new Uint32Array(MAX_BLOCKS);

/** Sends a transport's periodic reports: one SR with CNAME per sender that sent, reception reports about all streams. */
export function sendReports(context: Context, transport: Transport): void {
  if (!transport.canSend()) return;
  const offset = context.udp.nextEgress();
  const length = writeReports(context, transport, offset);
  if (length > 0) sendRtcp(context, transport, offset, length);
}

/** Says BYE for all senders of a transport that said anything (RFC 3550 section 6.6), after a last report. */
export function sendBye(context: Context, transport: Transport): void {
  if (!transport.canSend()) return;
  let count = 0;
  for (let i = 0; i < transport.senders.length && count < MAX_BLOCKS; i++) {
    const sender = transport.senders[i];
    if (sender.packetsSent > 0) byeSsrcs[count++] = sender.spec.ssrc;
  }
  if (count === 0) return;
  const offset = context.udp.nextEgress();
  const length = writeReports(context, transport, offset);
  sendRtcp(
    context,
    transport,
    offset,
    length + writeBye(context.udp.egress.bytes, offset + length, byeSsrcs, count),
  );
}

/** Writes SRs (the first with the report blocks), else an RR, each with its CNAME; 0 when there is nothing to say. */
function writeReports(context: Context, transport: Transport, offset: number): number {
  const bytes = context.udp.egress.bytes;
  let blocks = reportableCount(transport);
  let length = 0;
  for (let i = 0; i < transport.senders.length; i++) {
    const sender = transport.senders[i];
    if (sender.packetsSent === 0 || isGuess(sender)) continue;
    if (length + SENDER_BYTES + blocks * BLOCK_BYTES > MAX_RTCP_BYTES) continue;
    const at = offset + length;
    length += writeOwnReport(context, sender, at, blocks);
    if (blocks > 0) writeBlocks(context, transport, senderReportBlock(at, 0), blocks);
    blocks = 0;
    length += writeSdes(bytes, offset + length, sender.spec.ssrc, sender.cname);
  }
  if (blocks === 0) return length;
  const local = transport.inbounds[0].receiver.spec.localSsrc;
  const at = offset + length;
  length += writeReceiverReport(bytes, at, local, blocks);
  writeBlocks(context, transport, receiverReportBlock(at, 0), blocks);
  return length + writeSdes(bytes, offset + length, local, context.cname);
}

/**
 * Where the publisher has not told its clock, a report is a guess by arrivals. Players begin earlier with one; a
 * recording would be stretched when the truth comes, so programs wait for that.
 */
function isGuess(sender: Sender): boolean {
  return sender.transport.isProgram() && (sender.stream === null || !sender.stream.isTimed());
}

function writeOwnReport(context: Context, sender: Sender, at: number, blocks: number): number {
  const nowMs = context.nowMs;
  return writeSenderReport(
    context.udp.egress.bytes,
    at,
    sender.spec.ssrc,
    ntpSeconds(nowMs),
    ntpFraction(nowMs),
    rtpTimeOf(sender, nowMs),
    sender.packetsSent,
    sender.octetsSent,
    blocks,
  );
}

/** The sender's RTP time of this moment; through the stream, so that all senders of a publisher stay in step. */
function rtpTimeOf(sender: Sender, nowMs: number): number {
  const stream = sender.stream;
  if (stream !== null && !sender.waiting) return (stream.timestampAt(nowMs) + sender.timestampShift) >>> 0;
  const passed = Math.round((nowMs - sender.lastSentMs) * sender.clockRate / 1000);
  return (sender.lastTimestamp + passed) >>> 0;
}

function reportableCount(transport: Transport): number {
  return Math.min(transport.inboundCount, MAX_BLOCKS);
}

function writeBlocks(context: Context, transport: Transport, start: number, count: number): void {
  let at = start;
  for (let i = 0; i < count; i++) at += writeBlock(context, transport.inbounds[i], at);
}

function writeBlock(context: Context, inbound: Inbound, at: number): number {
  const sinceMs = inbound.reportArrivedMs === 0 ? 0 : context.nowMs - inbound.reportArrivedMs;
  inbound.takeFractionLost();
  return writeReportBlock(
    context.udp.egress.bytes,
    at,
    inbound.ssrc,
    inbound.fractionLost,
    inbound.packetsLost(),
    inbound.sequence.highest,
    inbound.jitter(),
    inbound.reportArrivedMs === 0 ? 0 : inbound.reportCompactNtp,
    Math.round(sinceMs * 65.536),
  );
}

/** The compact NTP time of now: what a peer's LSR and DLSR are compared with. */
export function compactNow(nowMs: number): number {
  return compactNtp(ntpSeconds(nowMs), ntpFraction(nowMs));
}
