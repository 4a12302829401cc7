import type { SocketAddress } from "../../base/mod.ts";
import type { EncryptingProfile } from "../../native/mod.ts";
import type { NegotiatedMedia, SrtpKeys } from "../types.ts";

/** UDP ports of this server for one m-line. */
export interface RtpPorts {
  /** What whoever opened them knows them by. */
  readonly port: number;
  readonly rtpPort: number;
  /** Null where RTCP shares the port of the media. */
  readonly rtcpPort: number | null;
}

/** Master key and salt of one direction, as SDP tells them (RFC 4568 section 6.1). */
export interface SdesKey {
  readonly profile: EncryptingProfile;
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
}

/** What a caller wants of an RTP session without ICE. */
export interface RtpOptions {
  /** Upper-case codec names we take; an answer keeps the order of the offer. */
  codecs: { audio: string[]; video: string[] };
  /** Told as b=AS and b=TIAS, kbit/s, 0 for none. */
  maxReceiveKbps: { audio: number; video: number };
  /** The key that this side sends with; the other side must use the same suite. Null: no encryption. */
  sdes: SdesKey | null;
  /** Offers name an IPv6 address; answers keep the family of the offer. */
  useIpv6: boolean;
  /** Where this server is reached, the best first. */
  addresses: string[];
  /** Opens ports for an m-line, with one for RTCP where `rtcp`. */
  openPorts(rtcp: boolean): Promise<RtpPorts>;
}

/** One m-line after negotiation, on ports of its own. */
export interface RtpLine {
  media: NegotiatedMedia;
  ports: RtpPorts;
  /** Where media is sent; null: to where it comes from, or nowhere. */
  rtp: SocketAddress | null;
  /** Where RTCP is sent; null: to where media is sent. */
  rtcp: SocketAddress | null;
  /** The host that media comes from; null: from wherever it comes first. */
  from: string | null;
  /** The other side opens the connection: media is sent to where its own comes from (COMEDIA). */
  latch: boolean;
  keys: SrtpKeys & { remoteLifetimePackets?: number };
  /** The other side's b= bound, kbit/s, 0 for none. */
  maxSendKbps: number;
}

/** One RTP session, negotiated by SDP, on ports of its own: no ICE, no DTLS, no BUNDLE. */
export interface RtpSession {
  /** M-lines in use, once negotiated. */
  readonly lines: readonly RtpLine[];
  /** Null before there is one. */
  readonly localDescription: string | null;
  readonly remoteDescription: string | null;
  /**
   * Answers an offer; m-lines that it cannot take are turned down (port 0). Rejects with AppError sdp_invalid,
   * sdp_unacceptable, endpoint_negotiated, or with what `openPorts` rejects with.
   */
  processOffer(sdp: string): Promise<string>;
  /** Makes an offer, one m-line per wanted kind. Rejects with AppError sdp_unacceptable, endpoint_negotiated. */
  generateOffer(wanted: { audio: boolean; video: boolean }): Promise<string>;
  /** Takes the answer to the offer. Throws AppError sdp_invalid, sdp_unacceptable, codec_mismatch, offer_not_generated. */
  processAnswer(sdp: string): void;
}
