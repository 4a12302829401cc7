import {
  feedbackMediaSsrc,
  firCount,
  firSsrc,
  FMT_AFB,
  FMT_FIR,
  FMT_PLI,
  ntpToMs,
  PSFB,
  rembBitrateBps,
  rembSsrc,
  rembSsrcCount,
  rtcpCount,
  rtcpLength,
  rtcpSenderSsrc,
  rtcpType,
  senderReportBlockCount,
  senderReportNtpFraction,
  senderReportNtpSeconds,
  senderReportRtpTimestamp,
  SR,
} from "../../rtp/mod.ts";

export interface RtcpTarget {
  /** A sender's clock: at `ntpMs` (ms since the Unix epoch, by the sender) its RTP clock stood at `timestamp`. */
  senderReport(ssrc: number, ntpMs: number, timestamp: number): void;
  /** A keyframe of this SSRC is wanted (PLI or FIR). */
  keyframeWanted(ssrc: number): void;
  /** Those whom this SSRC is sent to can take so much, in bit/s (REMB). */
  bitrateBound?(ssrc: number, bitrateBps: number): void;
}

const FEEDBACK_BYTES = 12;

/** Reads a compound RTCP packet; what is malformed ends the reading. */
export function readRtcp(bytes: Uint8Array, offset: number, length: number, target: RtcpTarget): void {
  const end = offset + length;
  let at = offset;
  while (at < end) {
    const size = rtcpLength(bytes, at, end);
    if (size < 0) return;
    if (rtcpType(bytes, at) === SR) readSenderReport(bytes, at, size, target);
    else if (rtcpType(bytes, at) === PSFB) readFeedback(bytes, at, size, target);
    at += size;
  }
}

function readSenderReport(bytes: Uint8Array, at: number, size: number, target: RtcpTarget): void {
  if (senderReportBlockCount(bytes, at, size) < 0) return;
  const ntpMs = ntpToMs(senderReportNtpSeconds(bytes, at), senderReportNtpFraction(bytes, at));
  target.senderReport(rtcpSenderSsrc(bytes, at), ntpMs, senderReportRtpTimestamp(bytes, at));
}

function readFeedback(bytes: Uint8Array, at: number, size: number, target: RtcpTarget): void {
  if (size < FEEDBACK_BYTES) return;
  const format = rtcpCount(bytes, at);
  if (format === FMT_PLI) target.keyframeWanted(feedbackMediaSsrc(bytes, at));
  if (format === FMT_AFB) return readRemb(bytes, at, size, target);
  if (format !== FMT_FIR) return;
  for (let i = 0; i < firCount(bytes, at, size); i++) target.keyframeWanted(firSsrc(bytes, at, i));
}

/** Application layer feedback of other kinds has no SSRCs here. */
function readRemb(bytes: Uint8Array, at: number, size: number, target: RtcpTarget): void {
  for (let i = 0; i < rembSsrcCount(bytes, at, size); i++) {
    target.bitrateBound?.(rembSsrc(bytes, at, i), rembBitrateBps(bytes, at));
  }
}
