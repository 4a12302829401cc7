// hot
import {
  BYE,
  byeCount,
  byeSsrc,
  compactDeltaSeconds,
  feedbackMediaSsrc,
  firCount,
  firSequence,
  firSsrc,
  FMT_AFB,
  FMT_FIR,
  FMT_NACK,
  FMT_PLI,
  ntpToMs,
  PSFB,
  receiverReportBlock,
  receiverReportBlockCount,
  rembBitrateBps,
  rembSsrcCount,
  reportBlockDelay,
  reportBlockFractionLost,
  reportBlockJitter,
  reportBlockLastSenderReport,
  reportBlockPacketsLost,
  reportBlockSsrc,
  RR,
  RTCP_HEADER_BYTES,
  rtcpCount,
  rtcpLength,
  rtcpSenderSsrc,
  rtcpType,
  RTPFB,
  senderReportBlock,
  senderReportBlockCount,
  senderReportNtpFraction,
  senderReportNtpSeconds,
  senderReportRtpTimestamp,
  SR,
} from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import { mediaEnds } from "./events.ts";
import type { Inbound } from "./inbound.ts";
import { requestKeyframe } from "./keyframe.ts";
import { answerNack } from "./retransmit.ts";
import { compactNow } from "./rtcp_reports.ts";
import type { Sender } from "./sender.ts";
import { MEDIA_ACTIVE, type Transport } from "./transport.ts";

/** Shortest packet with a sender's SSRC, and shortest feedback message. */
const SSRC_END = 8;
const FEEDBACK_END = 12;
/** Queues delay reports by less than this; more means that the peer's clock was set. */
const MAX_CLOCK_DRIFT_MS = 2000;

/** Takes the SRTCP packet in `slot`, which came from an address of `transport`. */
export function receiveRtcp(context: Context, transport: Transport, slot: number): void {
  const cipher = transport.inCipher;
  if (cipher === null) {
    context.drops.notKeyed++;
    return;
  }
  const ring = context.ring;
  const offset = ring.offsetOf(slot);
  const length = context.udp.slotLength[slot];
  const plain = cipher.unprotectRtcp(ring.memory, offset, length);
  if (plain < 0) {
    context.drops.notAuthentic++;
    return;
  }
  const index = cipher.rtcpIndex;
  if (!transport.rtcpReplay.accepts(index)) {
    context.drops.replayed++;
    return;
  }
  transport.rtcpReplay.record(index);
  transport.packetsReceived++;
  transport.bytesReceived += length;
  transport.lastReceivedMs = context.nowMs;
  readCompound(context, transport, ring.bytes, offset, offset + plain);
}

function readCompound(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  let at = start;
  while (at + RTCP_HEADER_BYTES <= end) {
    const length = rtcpLength(bytes, at, end);
    if (length < 0) {
      context.drops.malformed++;
      return;
    }
    if (length >= SSRC_END) readPacket(context, transport, bytes, at, length);
    at += length;
  }
}

function readPacket(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const type = rtcpType(bytes, at);
  if (type === SR) readSenderReport(context, transport, bytes, at, length);
  else if (type === RR) readReceiverReport(context, transport, bytes, at, length);
  else if (type === BYE) readBye(context, transport, bytes, at, length);
  else if (length < FEEDBACK_END) return;
  else if (type === RTPFB && rtcpCount(bytes, at) === FMT_NACK) {
    readNack(context, transport, bytes, at, length);
  } else if (type === PSFB && rtcpCount(bytes, at) === FMT_PLI) readPli(context, transport, bytes, at);
  else if (type === PSFB && rtcpCount(bytes, at) === FMT_FIR) readFir(context, transport, bytes, at, length);
  else if (type === PSFB && rtcpCount(bytes, at) === FMT_AFB) readRemb(context, transport, bytes, at, length);
}

function readSenderReport(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const blocks = senderReportBlockCount(bytes, at, length);
  if (blocks < 0) {
    context.drops.malformed++;
    return;
  }
  const inbound = transport.inboundOf(rtcpSenderSsrc(bytes, at));
  if (inbound !== null) noteSenderReport(context, transport, inbound, bytes, at);
  for (let i = 0; i < blocks; i++) readBlock(context, transport, bytes, senderReportBlock(at, i));
}

/** The first report fixes the offset between the peer's clock and ours; all its streams share it, so they stay in step. */
function noteSenderReport(
  context: Context,
  transport: Transport,
  inbound: Inbound,
  bytes: Uint8Array,
  at: number,
): void {
  const seconds = senderReportNtpSeconds(bytes, at);
  const fraction = senderReportNtpFraction(bytes, at);
  const ntpMs = ntpToMs(seconds, fraction);
  const isFirst = inbound.reportArrivedMs === 0;
  inbound.report(seconds, fraction, ntpMs, senderReportRtpTimestamp(bytes, at), context.nowMs);
  const offsetMs = context.nowMs - ntpMs;
  // The least delayed report is the best measure; a peer whose clock stepped starts anew.
  const known = transport.clockOffsetMs;
  if (!(offsetMs >= known) || offsetMs - known > MAX_CLOCK_DRIFT_MS) transport.clockOffsetMs = offsetMs;
  if (isFirst) tellPrograms(inbound, context.nowMs);
}

/** Programs have waited for this. */
function tellPrograms(inbound: Inbound, nowMs: number): void {
  const senders = inbound.stream.senders;
  for (let i = 0; i < senders.length; i++) {
    if (senders[i].transport.isProgram()) senders[i].transport.nextReportMs = nowMs;
  }
}

function readReceiverReport(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const blocks = receiverReportBlockCount(bytes, at, length);
  if (blocks < 0) context.drops.malformed++;
  for (let i = 0; i < blocks; i++) readBlock(context, transport, bytes, receiverReportBlock(at, i));
}

function readBlock(context: Context, transport: Transport, bytes: Uint8Array, at: number): void {
  const sender = senderOf(transport, reportBlockSsrc(bytes, at));
  if (sender === null) return;
  sender.packetsLost = reportBlockPacketsLost(bytes, at);
  sender.fractionLost = reportBlockFractionLost(bytes, at) / 256;
  if (sender.clockRate > 0) sender.jitterSeconds = reportBlockJitter(bytes, at) / sender.clockRate;
  const lastReport = reportBlockLastSenderReport(bytes, at);
  if (lastReport === 0) return;
  // RFC 3550 section 6.4.1: round trip = now - LSR - DLSR.
  const seconds = compactDeltaSeconds(compactNow(context.nowMs), lastReport) -
    reportBlockDelay(bytes, at) / 65536;
  sender.roundTripSeconds = Math.max(0, seconds);
}

function readBye(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const count = byeCount(bytes, at, length);
  for (let i = 0; i < count; i++) {
    const inbound = transport.inboundOf(byeSsrc(bytes, at, i));
    if (inbound !== null) inbound.left = true;
  }
  if (count > 0 && transport.media === MEDIA_ACTIVE && allLeft(transport)) {
    mediaEnds(context, transport, "bye");
  }
}

function allLeft(transport: Transport): boolean {
  for (let i = 0; i < transport.inboundCount; i++) {
    const inbound = transport.inbounds[i];
    if (!inbound.left && !inbound.retransmission) return false;
  }
  return transport.inboundCount > 0;
}

function readNack(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const sender = senderOf(transport, feedbackMediaSsrc(bytes, at));
  if (sender !== null) answerNack(context, sender, bytes, at, length);
}

function readPli(context: Context, transport: Transport, bytes: Uint8Array, at: number): void {
  const sender = senderOf(transport, feedbackMediaSsrc(bytes, at));
  if (sender === null) return;
  sender.pliCount++;
  if (sender.stream !== null) requestKeyframe(context, sender.stream);
}

function readFir(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const count = firCount(bytes, at, length);
  for (let i = 0; i < count; i++) {
    const sender = senderOf(transport, firSsrc(bytes, at, i));
    // RFC 5104 section 4.3.1.2: the same number again is a repetition of the same request.
    if (sender === null || sender.firSequence === firSequence(bytes, at, i)) continue;
    sender.firSequence = firSequence(bytes, at, i);
    sender.firCount++;
    if (sender.stream !== null) requestKeyframe(context, sender.stream);
  }
}

/** Application layer feedback of other kinds is none of our business. */
function readRemb(
  context: Context,
  transport: Transport,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  if (rembSsrcCount(bytes, at, length) < 0) return;
  transport.peerRembBps = rembBitrateBps(bytes, at);
  transport.peerRembMs = context.nowMs;
}

function senderOf(transport: Transport, ssrc: number): Sender | null {
  const senders = transport.senders;
  for (let i = 0; i < senders.length; i++) if (senders[i].spec.ssrc === ssrc) return senders[i];
  return null;
}
