import type { SocketAddress } from "../base/mod.ts";
import type { SrtpProfile } from "../native/mod.ts";

/**
 * What the control side says to a packet plane and hears from it. Plain data: it crosses a thread boundary.
 *
 *   transport   one 5-tuple with SRTP keys (one peer)
 *   receiver    one m-line that a peer sends to us; fills a source
 *   source      an outgoing pad of an element: one picture or sound, as a continuous RTP stream per simulcast layer,
 *               which outlives the receivers that fill it, so that a publisher's return is a continuation
 *   sender      one m-line that we send to a peer; bound to a source or to none
 *
 * Ids are positive integers given by the control side, unique per kind while open.
 */
export type PlaneCommand =
  /** With `port`, an opened one of `openPort`, its packets come and go by that; else by the plane's own. */
  | { do: "openTransport"; transport: number; port?: number }
  /**
   * Opens a UDP port beside the plane's own for one transport, on the plane's address: an even one of `range`, and with
   * `rtcp` the next odd one for RTCP (RFC 3550 section 11). Told by `portOpened` or `portFailed`.
   */
  | { do: "openPort"; port: number; rtcp: boolean; range: PortRange }
  /** To be said after the transport that uses it is closed. */
  | { do: "closePort"; port: number }
  /** ICE proved that this address belongs to the peer: DTLS and SRTP are accepted from it from now on. */
  | { do: "admit"; transport: number; address: SocketAddress }
  /** Send media to this (admitted) address. */
  | { do: "select"; transport: number; address: SocketAddress }
  /**
   * Answers the peer's checks of the selected pair, and sends ours, until another is selected or null takes it back.
   * What is more than that (other addresses and fragments, role conflicts, answers that fit no check) is passed up.
   */
  | { do: "keepConsent"; transport: number; consent: IceConsent | null }
  /** With a port of its own: sends RTCP there instead of with the media. */
  | { do: "selectRtcp"; transport: number; address: SocketAddress }
  /**
   * With a port of its own: whose packets count where nothing proves them, one host or, before anything has come, the
   * first. `latch` also sends wherever they come from (symmetric RTP, RFC 4961). With SRTP whoever proves authentic counts.
   */
  | { do: "accept"; transport: number; from: string | null; latch: boolean }
  | { do: "key"; transport: number; keys: TransportKeys }
  /**
   * Rates of the transport's video, both ways; may come again while media flows. A publisher is asked for at most its
   * own bound and the least `maxSendKbps` among its viewers; with simulcast each viewer takes a layer within its own.
   */
  | { do: "setRates"; transport: number; rates: TransportRates }
  /** DiffServ code point, 0–63, of everything the transport sends; the portable way to the system counts it as unmarked. */
  | { do: "setDscp"; transport: number; dscp: number }
  /** Says BYE for the transport's senders where `bye`, then forgets it with its receivers and senders. */
  | { do: "closeTransport"; transport: number; bye: boolean }
  | { do: "openSource"; source: number; media: "audio" | "video" }
  | { do: "closeSource"; source: number }
  | { do: "openReceiver"; receiver: ReceiverSpec }
  | { do: "closeReceiver"; receiver: number }
  | { do: "openSender"; sender: SenderSpec }
  | { do: "bindSender"; sender: number; source: number | null }
  | { do: "closeSender"; sender: number }
  /** Asks whoever fills the source for a keyframe (throttled). */
  | { do: "requestKeyframe"; source: number }
  /** Sends one datagram as it is: STUN answers and checks, DTLS records. */
  | { do: "send"; address: SocketAddress; bytes: Uint8Array };

export interface TransportKeys {
  profile: SrtpProfile;
  localKey: Uint8Array;
  localSalt: Uint8Array;
  remoteKey: Uint8Array;
  remoteSalt: Uint8Array;
  /** Packets that each key may protect (RFC 4568 section 6.1); absent: as many as SRTP can number. */
  localLifetimePackets?: number;
  remoteLifetimePackets?: number;
}

/** UDP ports to choose from, both ends included. */
export interface PortRange {
  least: number;
  most: number;
}

/** What it takes to keep up the consent of a selected pair (RFC 7675). */
export interface IceConsent {
  /** USERNAME of the peer's checks: `<our fragment>:<theirs>`. */
  username: string;
  /** Key of the peer's checks and our answers, and key of our checks and the peer's answers. */
  localPassword: string;
  remotePassword: string;
  /** Our role: a check of the peer that claims the same is passed up. */
  controlling: boolean;
  /** Our check, whole; each one sent gets a transaction id, MESSAGE-INTEGRITY and FINGERPRINT of its own. */
  request: Uint8Array;
  /** Mean time between two checks of ours, milliseconds; they are spread by a fifth either way. */
  periodMs: number;
}

/** Bounds of one transport's video in kbit/s, 0 for none, and the estimator's parameters. */
export interface TransportRates {
  minReceiveKbps: number;
  maxReceiveKbps: number;
  minSendKbps: number;
  maxSendKbps: number;
  remb: RembParameters;
}

/** How the bandwidth that a publisher is told by REMB grows and falls; names are Kurento's RembParams. */
export interface RembParameters {
  /** Packets over which the measured loss is smoothed. */
  packetsRecvIntervalTop: number;
  /** Growth per step while no threshold was found, as a fraction. */
  exponentialFactor: number;
  /** Least and graded growth per step, in bit/s, once a threshold was found. */
  linealFactorMin: number;
  linealFactorGrade: number;
  /** What is left of the rate, as a fraction, after a loss. */
  decrementFactor: number;
  /** Fraction of the lossy rate that becomes the threshold; growth is slow above it. */
  thresholdFactor: number;
  /** Smoothed loss above which the estimate falls, in 1/256 of the packets. */
  upLosses: number;
  /** First estimate, bit/s; 0 takes what the publisher really sends. */
  rembOnConnect: number;
}

/** Header extensions whose meaning the plane knows; the id of each as negotiated on one m-line, absent when not. */
export interface ExtensionIds {
  mid?: number;
  rid?: number;
  repairedRid?: number;
  transportWideCc?: number;
  absSendTime?: number;
  audioLevel?: number;
  videoOrientation?: number;
  playoutDelay?: number;
  absCaptureTime?: number;
}

/** One negotiated codec of one m-line. */
export interface PayloadSpec {
  payloadType: number;
  /** Encoding name in upper case: VP8, VP9, H264, H265, AV1, OPUS, PCMU, PCMA. */
  codec: string;
  /** What must be equal for packets to pass untouched between two m-lines, e.g. "H264/1/42e0"; see peer/codec. */
  format: string;
  clockRate: number;
  /** Payload type of its RFC 4588 retransmission, or null. */
  rtxPayloadType: number | null;
  /**
   * NAL units, at most 1200 bytes each, that the description of a publisher tells in place of its stream: put before each
   * keyframe until the stream brings some itself. None when absent.
   */
  parameterSets?: readonly Uint8Array[];
  feedback: { nack: boolean; pli: boolean; fir: boolean; remb: boolean; transportCc: boolean };
}

export interface ReceiverSpec {
  receiver: number;
  transport: number;
  source: number;
  media: "audio" | "video";
  /** The m-line's mid, "" when it has none. */
  mid: string;
  payloads: PayloadSpec[];
  extensions: ExtensionIds;
  /** SSRCs that the peer announced, with their RTX partner (0 when none). Others are learned by mid, rid or payload type. */
  ssrcs: { ssrc: number; rtxSsrc: number }[];
  /** Simulcast layers in the order of the offer; empty without simulcast. Each sender gets the highest that it can take. */
  rids: string[];
  /** SSRC that our receiver reports and feedback carry as sender. */
  localSsrc: number;
  /**
   * What is received is encoded here, for those that the source is sent to: REMB tells each of its SSRCs the least that
   * they say they can take. Default false.
   */
  followsSinks?: boolean;
}

export interface SenderSpec {
  sender: number;
  transport: number;
  media: "audio" | "video";
  mid: string;
  ssrc: number;
  /** 0 when RTX was not negotiated. */
  rtxSsrc: number;
  cname: string;
  payloads: PayloadSpec[];
  extensions: ExtensionIds;
  /** The peer keeps what it gets, with its times: a group of pictures that is replayed to it is not compressed. */
  keepsTime?: boolean;
}

/** What the plane tells the control side by itself. */
export type PlaneEvent =
  /** STUN from anywhere (transport null when the address is not admitted), DTLS from admitted addresses only. */
  | {
    on: "datagram";
    kind: "stun" | "dtls";
    transport: number | null;
    from: SocketAddress;
    bytes: Uint8Array;
  }
  /** The peers of these transports answered checks that `keepConsent` had sent, since they were told last (¼ s at most). */
  | { on: "consent"; transports: readonly number[] }
  /** Packets began or ceased to enter the source (nothing for a whole 2 s window). */
  | { on: "sourceFlow"; source: number; flowing: boolean }
  /** Packets began or ceased to leave by the sender. */
  | { on: "senderFlow"; sender: number; flowing: boolean }
  /** The source's packets have another codec than before (first packet included). */
  | { on: "sourceFormat"; source: number; codec: string; format: string }
  /** The bound source has a codec that the sender did not negotiate; nothing is sent until this changes. */
  | { on: "formatMismatch"; sender: number; codec: string }
  /** First authentic media of the transport (active), or its BYE for all SSRCs, or 10 s of silence (not active). */
  | { on: "transportMedia"; transport: number; active: boolean; reason: "first" | "bye" | "silence" }
  /** Ports are open; `rtcpPort` is null without one of its own. */
  | { on: "portOpened"; port: number; udpPort: number; rtcpPort: number | null }
  | { on: "portFailed"; port: number; reason: string }
  /** The transport sends to where its packets come from, from now on. */
  | { on: "transportLatched"; transport: number; address: SocketAddress }
  /** One of the transport's keys has protected all but a sixteenth of its packets; at its end it is used no more. */
  | { on: "keyNearlyUsed"; transport: number };

/** How one plane is opened. */
export interface PlaneSettings {
  /** Address to bind, "" for every one. */
  bind: string;
  /** UDP port, 0 lets the system choose. */
  port: number;
  /** Slots of the receive ring, a power of two; it is the history for retransmissions too. Default 16384 (24 MiB). */
  slotCount?: number;
  /** Insist on one way to the operating system; by default FFI where it can be had. */
  prefer?: "ffi" | "portable";
}

/** Messages between the threads: commands down, events and replies up. */
export type PlaneMessageDown = { open: PlaneSettings } | { commands: PlaneCommand[] } | {
  statsRequest: number;
  /** Only what these carry; absent: everything. */
  transports?: readonly number[];
} | { close: true };
export type PlaneMessageUp =
  | { ready: { port: number; kind: "ffi" | "portable"; reason: string; family: "dual" | "ipv4" } }
  | { failed: string }
  | { events: PlaneEvent[] }
  | { statsReply: number; stats: PlaneStats }
  | { closed: true };

/** A snapshot of every counter; cumulative since opening unless said otherwise. */
export interface PlaneStats {
  nowMs: number;
  /** Datagrams dropped, by reason: unknownAddress, notAuthentic, replayed, malformed, unknownSsrc, … */
  drops: Record<string, number>;
  udp: Record<string, number>;
  transports: TransportStats[];
  receivers: ReceiverStats[];
  senders: SenderStats[];
}

export interface TransportStats {
  transport: number;
  packetsReceived: number;
  bytesReceived: number;
  packetsSent: number;
  bytesSent: number;
  /** When the last authentic media or RTCP packet came; 0 for never. Milliseconds since the epoch. */
  lastReceivedMs: number;
}

/** One per SSRC that reached a receiver; names follow the W3C webrtc-stats inbound-rtp dictionary. */
export interface ReceiverStats {
  receiver: number;
  source: number;
  ssrc: number;
  rid: string;
  codec: string;
  packetsReceived: number;
  bytesReceived: number;
  packetsLost: number;
  /** Seconds (RFC 3550 section 6.4.1, divided by the clock rate). */
  jitter: number;
  nackCount: number;
  pliCount: number;
  firCount: number;
  keyframesReceived: number;
  /** What the publisher was told last by REMB, bit/s; 0 for nothing yet. */
  rembBps: number;
  /** Over the last second or so. */
  bitrateBps: number;
  /** From a packet's arrival at the system to its being handed back to it for who gets it, on average. */
  latencyMs: number;
}

/** One per sender; names follow the W3C outbound-rtp and remote-inbound-rtp dictionaries. */
export interface SenderStats {
  sender: number;
  ssrc: number;
  codec: string;
  packetsSent: number;
  bytesSent: number;
  retransmittedPacketsSent: number;
  nackCount: number;
  pliCount: number;
  firCount: number;
  /** From the peer's last receiver report: packets, fraction 0–1, seconds. */
  packetsLost: number;
  fractionLost: number;
  jitter: number;
  roundTripTime: number;
  /** What the peer says it can take (its REMB), bit/s; 0 for nothing yet. */
  rembBps: number;
  bitrateBps: number;
}
