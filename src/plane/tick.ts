// hot
import type { Context } from "./context.ts";
import { checkConsent } from "./consent.ts";
import { forgetSilentCandidate } from "./feed.ts";
import { mediaEnds, senderFlows, sourceFlows } from "./events.ts";
import { joinLate } from "./join.ts";
import { spendKeys } from "./key_life.ts";
import { repeatKeyframeRequest } from "./keyframe.ts";
import { sendNacks, sendTransportFeedback } from "./rtcp_feedback.ts";
import { sendReports } from "./rtcp_reports.ts";
import { tellRemb } from "./publisher_rate.ts";
import { chooseStreams } from "./simulcast.ts";
import type { Source } from "./source.ts";
import { MEDIA_ACTIVE, type Transport } from "./transport.ts";

/** A pad with no packet for this long does not flow. */
const FLOW_WINDOW_MS = 2000;
/** A peer with no authentic packet for this long is silent. */
const SILENCE_MS = 10_000;
/** Report interval, spread by a half so that peers do not fall into step (RFC 3550 section 6.2). */
const REPORT_MS = 1000;

/** What publishers are owed without delay, every turn: requests for lost packets, and arrival times. */
export function tickFeedback(context: Context): void {
  const publishers = context.publishers;
  context.isRepairing = false;
  context.feedbackDueMs = Infinity;
  for (let i = 0; i < publishers.length; i++) {
    const transport = publishers[i];
    for (let j = 0; j < transport.inboundCount; j++) {
      const nack = transport.inbounds[j].nack;
      if (nack === null || nack.count === 0) continue;
      sendNacks(context, transport.inbounds[j]);
      if (nack.count > 0) context.isRepairing = true;
    }
    if (transport.inboundCount === 0 || !transport.canSend()) continue;
    sendTransportFeedback(context, transport);
    context.feedbackDueMs = Math.min(context.feedbackDueMs, transport.transportCc.dueMs());
  }
}

/** What a transport needs some ten times a second. */
export function tickTransport(context: Context, transport: Transport): void {
  const nowMs = context.nowMs;
  if (transport.keyLife !== null) spendKeys(context, transport, transport.keyLife);
  for (let i = 0; i < transport.inboundCount; i++) transport.inbounds[i].rate.roll(nowMs);
  for (let i = 0; i < transport.senders.length; i++) {
    const sender = transport.senders[i];
    sender.rate.roll(nowMs);
    if (sender.flowing && nowMs - sender.lastSentMs >= FLOW_WINDOW_MS) senderFlows(context, sender, false);
  }
  if (transport.media === MEDIA_ACTIVE && nowMs - transport.lastReceivedMs >= SILENCE_MS) {
    mediaEnds(context, transport, "silence");
  }
  if (nowMs >= transport.nextReportMs) report(context, transport);
  checkConsent(context, transport);
  if (transport.inboundCount > 0) tellRemb(context, transport);
}

/** What a source needs some ten times a second. */
export function tickSource(context: Context, source: Source): void {
  if (source.flowing && context.nowMs - source.lastPacketMs >= FLOW_WINDOW_MS) {
    sourceFlows(context, source, false);
  }
  if (source.media !== "video") return;
  chooseStreams(context, source);
  for (let i = 0; i < source.streams.length; i++) {
    forgetSilentCandidate(source.streams[i], context.nowMs);
    repeatKeyframeRequest(context, source.streams[i]);
  }
  for (let i = 0; i < source.senders.length; i++) joinLate(context, source.senders[i]);
}

function report(context: Context, transport: Transport): void {
  const nowMs = context.nowMs;
  transport.nextReportMs = nowMs + REPORT_MS * (0.75 + context.random() / 0x1_0000_0000 / 2);
  sendReports(context, transport);
}
