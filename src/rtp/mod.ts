/** RTP and RTCP on the wire: accessors over (bytes, offset) that allocate nothing and never throw on input. */
export * from "./packet_kind.ts";
export * from "./header.ts";
export * from "./extension.ts";
export * from "./extension_uris.ts";
export * from "./format_fit.ts";
export * from "./sequence.ts";
export * from "./ntp.ts";
export * from "./crc32.ts";
export { hmacSha1Key } from "./hmac_sha1.ts";
export * from "./stun.ts";
export * from "./codec/mod.ts";
export * from "./payload/mod.ts";
export {
  BYE,
  feedbackMediaSsrc,
  PSFB,
  RR,
  RTCP_HEADER_BYTES,
  rtcpCount,
  rtcpLength,
  rtcpSenderSsrc,
  rtcpType,
  RTPFB,
  SDES,
  SR,
} from "./rtcp/packet.ts";
export * from "./rtcp/report_block.ts";
export * from "./rtcp/sender_report.ts";
export * from "./rtcp/receiver_report.ts";
export * from "./rtcp/sdes.ts";
export * from "./rtcp/bye.ts";
export * from "./rtcp/nack.ts";
export * from "./rtcp/pli.ts";
export * from "./rtcp/fir.ts";
export * from "./rtcp/remb.ts";
export {
  FMT_TRANSPORT_CC,
  MAX_FEEDBACK_STATUSES,
  transportFeedbackBase,
  transportFeedbackCount,
  transportFeedbackReference,
  transportFeedbackStatusCount,
  writeTransportFeedback,
} from "./rtcp/transport_feedback.ts";
export { readTransportFeedback } from "./rtcp/transport_feedback_reader.ts";
