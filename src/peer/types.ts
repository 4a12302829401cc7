import type { KeyObject } from "node:crypto";
import type { SocketAddress } from "../base/mod.ts";
import type { Clock } from "../base/mod.ts";
import type { SrtpProfile } from "../native/mod.ts";

/** Direction of an m-line as we see it: what this server does on it (RFC 8829 section 5.2.1, our side). */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** A codec as negotiated on one m-line; same shape as the plane's PayloadSpec, plus the SDP's own words. */
export interface NegotiatedCodec {
  payloadType: number;
  /** Upper case: VP8, VP9, H264, H265, AV1, OPUS, PCMU, PCMA. */
  codec: string;
  /** The remote side's spelling of it, which our description repeats; absent in offers of ours. */
  encodingName?: string;
  /** See `formatOf`: equal formats pass packets untouched. */
  format: string;
  clockRate: number;
  channels: number;
  /** fmtp line as offered, "" when none. */
  parameters: string;
  rtxPayloadType: number | null;
  /** NAL units of H264 and H265 that the remote side's parameters tell (sprop-…); absent where there are none. */
  parameterSets?: Uint8Array[];
  feedback: { nack: boolean; pli: boolean; fir: boolean; remb: boolean; transportCc: boolean };
}

/** One m-line after negotiation. Extension ids have the names of the plane's ExtensionIds. */
export interface NegotiatedMedia {
  kind: "audio" | "video";
  mid: string;
  direction: Direction;
  codecs: NegotiatedCodec[];
  extensions: Partial<
    Record<
      | "mid"
      | "rid"
      | "repairedRid"
      | "transportWideCc"
      | "absSendTime"
      | "audioLevel"
      | "videoOrientation"
      | "playoutDelay"
      | "absCaptureTime",
      number
    >
  >;
  /** What the remote side announced to send. */
  remoteSsrcs: { ssrc: number; rtxSsrc: number }[];
  rids: string[];
  /** What we announced to send; 0 when we do not send on this m-line (rtxSsrc: when no RTX was negotiated). */
  localSsrc: number;
  localRtxSsrc: number;
  cname: string;
}

/** Formats that a viewer can be given. */
export interface FormatsAtHand {
  /** What flows now. */
  flowing: string;
  /** What it can be made into. */
  encodable: readonly string[];
}

/** What a caller wants of a session. */
export interface PeerOptions {
  /** We may receive (the peer publishes). */
  receive: boolean;
  /** We may send (the peer watches). */
  send: boolean;
  /** Upper-case codec names we take, in order of preference; an m-line keeps the order of the offer all the same. */
  codecs: { audio: string[]; video: string[] };
  /**
   * What a viewer can be given; an offer that takes none of it on an m-line is refused with codec_mismatch. Null: anything
   * goes.
   */
  requiredFormats: { audio: FormatsAtHand | null; video: FormatsAtHand | null };
  /** To the letter of RFC 9725: no zero-port m-lines, at most one audio and one video, direction must fit. */
  whip: "whip" | "whep" | null;
  /** Upper bound announced as b=AS / b=TIAS for receiving, kbit/s, 0 for none. */
  maxReceiveKbps: { audio: number; video: number };
  /** Data channels may be negotiated (m=application, RFC 8841). */
  data: boolean;
  certificateKeyType: CertificateKeyType;
  ice: IceOptions;
}

export type CertificateKeyType = "RSA" | "ECDSA";

/** How this side can be reached, beyond the host candidates of the plane's port. */
export interface IceOptions {
  /** Names of network interfaces whose addresses are host candidates; empty: all that the server announces. */
  networkInterfaces: string[];
  /** Put in place of the host candidates' addresses of that family, "" for none: static NAT. */
  externalIPv4: string;
  externalIPv6: string;
  /** Asked for server-reflexive candidates (RFC 8489); null for none. */
  stunServer: { address: string; port: number } | null;
  /** Asked for a relayed candidate (RFC 8656); null for none. */
  turnServer: TurnServer | null;
  /** Offer passive TCP candidates (RFC 6544). */
  tcp: boolean;
}

export interface TurnServer {
  address: string;
  port: number;
  transport: "udp" | "tcp" | "tls";
  username: string;
  credential: string;
}

/** A data channel as its owner asks for it (RFC 8831 section 6.4, RFC 8832). */
export interface DataChannelWish {
  label: string;
  ordered: boolean;
  /** At most one of the two bounds is set, the other null. */
  maxPacketLifeTimeMs: number | null;
  maxRetransmits: number | null;
  protocol: string;
}

export interface DataChannelInfo {
  /** SCTP stream id, 0–65534. */
  channelId: number;
  label: string;
  protocol: string;
  state: "connecting" | "open" | "closing" | "closed";
  messagesSent: number;
  bytesSent: number;
  messagesReceived: number;
  bytesReceived: number;
}

export type IceState = "new" | "checking" | "connected" | "disconnected" | "failed" | "closed";
export type DtlsState = "new" | "connecting" | "connected" | "closed" | "failed";
export type PeerEnd = "closed" | "iceTimeout" | "consentExpired" | "dtlsFailed" | "dtlsClosed";

export interface SrtpKeys {
  profile: SrtpProfile;
  localKey: Uint8Array;
  localSalt: Uint8Array;
  remoteKey: Uint8Array;
  remoteSalt: Uint8Array;
}

/** What it takes to keep up the consent of a selected pair (RFC 7675); same shape as the plane's. */
export interface IceConsent {
  /** USERNAME of the remote side's checks: `<our fragment>:<theirs>`. */
  username: string;
  /** Key of the remote side's checks and our answers, and key of our checks and its answers. */
  localPassword: string;
  remotePassword: string;
  /** Our role. */
  controlling: boolean;
  /** Our check, to be given a transaction id, MESSAGE-INTEGRITY and FINGERPRINT for each sending. */
  request: Uint8Array;
  /** Mean time between two checks of ours, to be spread by a fifth either way. */
  periodMs: number;
}

/** What a peer tells its owner. Calls are synchronous and may come from inside a method of the peer. */
export interface PeerCallbacks {
  /** One datagram to send as it is. */
  send(to: SocketAddress, bytes: Uint8Array): void;
  /** This address is proved to be the peer's: accept its DTLS and SRTP. */
  admit(address: SocketAddress): void;
  /** Send media there (called again when ICE moves). */
  select(address: SocketAddress, pair: { localCandidate: string; remoteCandidate: string }): void;
  /**
   * Who holds the socket may keep up the selected pair in the peer's place, and says by `heardConsent` that checks were
   * answered; null, or another `select`, ends that. Left out, the peer does it.
   */
  keepConsent?(consent: IceConsent | null): void;
  keys(keys: SrtpKeys): void;
  iceState(state: IceState): void;
  dtlsState(state: DtlsState): void;
  /** A local candidate was found after the description was made: "candidate:…" text. */
  candidate(candidate: string): void;
  /** Every local candidate is known and in the local description. */
  gathered(): void;
  dataChannel(channel: DataChannelInfo): void;
  dataMessage(channelId: number, payload: string | Uint8Array): void;
  /** The peer is over; nothing is called after this. */
  ended(end: PeerEnd, detail: string): void;
}

/** Where this server can be reached by media, as host candidates: announced addresses × the plane's port. */
export interface LocalReach {
  addresses: string[];
  port: number;
}

export interface PeerDeps {
  clock: Clock;
  /** Those of this process, made once. */
  certificates: DtlsCertificates;
  reach: LocalReach;
  timeouts: { connectMs: number; consentMs: number };
  /** What is needed beyond host candidates; without it there is neither STUN, TURN nor TCP. */
  network?: PeerNetwork;
}

/** How peers reach further than the plane's port does. */
export interface PeerNetwork {
  /** The address that the plane is bound to, "" for every one. */
  bind: string;
  /** TCP port to listen on for ICE (RFC 6544), null for none. One that cannot be opened is logged and done without. */
  tcpPort: number | null;
  /** Servers that are asked now and all the time, so that first descriptions have their candidates. */
  keep: Pick<IceOptions, "stunServer" | "turnServer">;
  /** Sends a datagram from the plane's port. */
  send(to: SocketAddress, bytes: Uint8Array): void;
}

export interface DtlsCertificate {
  keyType: CertificateKeyType;
  /** DER. */
  bytes: Uint8Array;
  key: KeyObject;
  /** sha-256, as in a=fingerprint. */
  fingerprint: string;
}

/** One certificate per key type. */
export type DtlsCertificates = Readonly<Record<CertificateKeyType, DtlsCertificate>>;

/** Result of an ICE restart or trickle fragment (RFC 8840, RFC 9725 section 4.3). */
export type FragmentResult = { restarted: false } | { restarted: true; fragment: string };

/** One WebRTC session with one remote side. */
export interface Peer {
  /** Unique local ICE user name fragment; changes on an ICE restart. */
  readonly localUfrag: string;
  readonly media: NegotiatedMedia[];
  readonly iceState: IceState;
  readonly dtlsState: DtlsState;
  /** Null before there is one. With all candidates, as sent. */
  readonly localDescription: string | null;
  readonly remoteDescription: string | null;
  readonly selectedPair: { localCandidate: string; remoteCandidate: string } | null;
  /** Descriptions are exchanged and something of them connects; false when every m-line was turned down. */
  readonly hasTransport: boolean;

  /** Answers an offer; throws AppError sdp_invalid, sdp_unacceptable, codec_mismatch, endpoint_negotiated. */
  processOffer(sdp: string): string;
  /** Makes an offer of ours, one m-line per wanted kind. */
  generateOffer(wanted: { audio: boolean; video: boolean }): string;
  /** Takes the answer to our offer. */
  processAnswer(sdp: string): void;
  /** One trickled candidate, "candidate:…" text. Names (mDNS) and unusable transports are dropped silently. */
  addRemoteCandidate(candidate: string, mid: string | null, mLineIndex: number | null): void;
  /** A trickle-ice-sdpfrag body: candidates, or new credentials and so a restart. Throws ice_fragment_invalid. */
  processFragment(fragment: string): FragmentResult;
  /** A STUN datagram whose USERNAME names `localUfrag`, or the response to a check of ours. */
  handleStun(from: SocketAddress, bytes: Uint8Array): void;
  handleDtls(from: SocketAddress, bytes: Uint8Array): void;
  /** Looks for candidates beyond the host ones, once; told by `candidate` and `gathered`. Idempotent. */
  gather(): void;
  /** Those that are not closed; the values change as the channels do. */
  readonly dataChannels: readonly DataChannelInfo[];
  /** Opens a channel and gives its id; throws operation_not_supported without data channels, data_channel_failed. */
  createDataChannel(wish: DataChannelWish): number;
  closeDataChannel(channelId: number): void;
  /** False when the channel is not open, its buffer is full, or the other side takes no message of this size. */
  sendData(channelId: number, payload: string | Uint8Array): boolean;
  /** Authentic media arrived: counts as consent for peers that answer no checks. */
  heardMedia(): void;
  /** Whether `heardMedia` means anything: it is connected, and its peer never answered a check. */
  readonly livesByMedia: boolean;
  /** A check that was sent for `keepConsent` was answered. */
  heardConsent(): void;
  /** Sends close_notify and ends. */
  close(): void;
}
