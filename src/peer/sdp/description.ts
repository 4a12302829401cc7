import type { Direction } from "../types.ts";
import type { Candidate } from "./candidate.ts";

/** The `a=setup` roles (RFC 4145 section 4). */
export type Setup = "active" | "passive" | "actpass" | "holdconn";

/** One `a=fingerprint` (RFC 8122 section 5): hash name in lower case, value as upper-case hex pairs joined by colons. */
export interface Fingerprint {
  algorithm: string;
  value: string;
}

/** One payload type of an m-line with all that is said about it. */
export interface PayloadDescription {
  payloadType: number;
  /** Upper case. */
  name: string;
  /** As it was written. */
  encodingName: string;
  clockRate: number;
  channels: number;
  /** The fmtp line without payload type, "" when there is none. */
  parameters: string;
  /** Values of `a=rtcp-fb`, those of `*` included. */
  feedback: string[];
}

/** One m-line and its attributes, session-level values already inherited. */
export interface MediaDescription {
  kind: string;
  port: number;
  protocol: string;
  /** The formats of the m-line as text, in order. */
  formats: string[];
  /** "" when the m-line has none. */
  mid: string;
  direction: Direction;
  bundleOnly: boolean;
  rtcpMux: boolean;
  rtcpMuxOnly: boolean;
  ufrag: string;
  password: string;
  fingerprints: Fingerprint[];
  setup: Setup | null;
  payloads: PayloadDescription[];
  extensions: { id: number; uri: string }[];
  ssrcs: { ssrc: number; rtxSsrc: number }[];
  /** Simulcast layers that the remote side sends, in order of `a=simulcast`; empty without simulcast. */
  sendRids: string[];
  candidates: Candidate[];
  /** Address of the c= line without scope, "" when there is none; and the greatest rate of the b= lines, 0 for none. */
  address: string;
  maxKbps: number;
  /** Value of `a=rtcp` (RFC 3605), its address "" when it names none; null without the attribute. */
  rtcp: { port: number; address: string } | null;
  /** Values of `a=crypto` (RFC 4568). */
  cryptos: string[];
  /** Value of `a=direction` (draft-ietf-mmusic-sdp-comedia-05), "" without it. */
  comedia: string;
  /** Value of `a=sctp-port` (RFC 8841 section 5). */
  sctpPort: number | null;
  /** Value of `a=max-message-size`, 0 for any size. */
  maxMessageBytes: number | null;
  /** What each SCTP port of the old form carries (`a=sctpmap`). */
  sctpMaps: Map<string, string>;
}

/** A parsed session description. */
export interface SessionDescription {
  iceLite: boolean;
  iceOptions: string[];
  /** Mids of the first `a=group:BUNDLE`; null when there is no such group. */
  bundle: string[] | null;
  media: MediaDescription[];
}
