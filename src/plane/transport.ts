// hot
import type { SrtpCipher } from "../native/mod.ts";
import { ReplayWindow } from "../rtp/mod.ts";
import type { Consent } from "./consent.ts";
import type { TransportRates } from "./control.ts";
import type { Inbound } from "./inbound.ts";
import { MAX_RETIRED_SSRCS, MAX_SSRCS_PER_TRANSPORT } from "./limits.ts";
import { UNBOUNDED } from "./rates.ts";
import type { KeyLife } from "./key_life.ts";
import type { Receiver } from "./receiver.ts";
import { RembTeller } from "./remb_teller.ts";
import type { Sender } from "./sender.ts";
import type { SidePeer } from "./side_peer.ts";
import { TransportCc } from "./transport_cc.ts";

/** Whether authentic media flows in. */
export const MEDIA_NONE = 0;
export const MEDIA_ACTIVE = 1;
export const MEDIA_ENDED = 2;

/** Of transports that send us nothing. Never written. */
export const NO_KINDS = new Uint8Array(256);
const NO_SSRCS = new Int32Array(0);

/** Four words of base/address.ts, and a port. */
export interface AdmittedAddress {
  readonly words: Uint32Array;
  readonly port: number;
}

/** One peer: its addresses, keys, and everything that goes over them. */
export class Transport {
  readonly id: number;
  /** Place in the table of transports, and number of its destination at the UDP port. */
  readonly row: number;
  /** Admitted addresses, oldest first. */
  readonly admitted: AdmittedAddress[];
  /** A destination was selected, and which of the admitted addresses it is. */
  selected = false;
  selectedAddress: AdmittedAddress | null = null;
  /** Keeps up the selected pair; null while the control side does. */
  consent: Consent | null = null;
  /** Number of the destination of its RTCP: `row`, unless that goes elsewhere. */
  rtcpRow: number;
  /** Its ports beside the plane's own, null where it has none. */
  readonly side: SidePeer | null;
  /** DiffServ code point of what is sent. */
  dscp = 0;
  inCipher: SrtpCipher | null = null;
  outCipher: SrtpCipher | null = null;
  /** How long the keys may be used, null where nobody bounds that. */
  keyLife: KeyLife | null = null;
  /** Next SRTCP index to send. */
  rtcpIndex = 0;
  rtcpReplay = new ReplayWindow(128);

  /** Of `inbounds`; no room for any before the first. */
  ssrcs = NO_SSRCS;
  readonly inbounds: Inbound[];
  inboundCount = 0;
  readonly receivers: Receiver[];
  readonly senders: Sender[];
  /** SSRCs of its peer that are forgotten and may not come again under these keys; made with the first. */
  #retired: Set<number> | null = null;
  /** Every SSRC that we ever sent with over this transport. */
  readonly usedSsrcs = new Set<number>();

  /** Ids of header extensions; one number means one thing on all bundled m-lines (RFC 8843 section 9.2). 0: none. */
  midId = 0;
  ridId = 0;
  repairedRidId = 0;
  transportWideCcId = 0;
  /** By extension id: number of the forwarded extension plus one, 0 for none. */
  forwardedKinds = NO_KINDS;
  readonly transportCc = new TransportCc();

  media = MEDIA_NONE;
  packetsReceived = 0;
  bytesReceived = 0;
  packetsSent = 0;
  bytesSent = 0;
  lastReceivedMs = 0;
  nextReportMs = 0;
  /** Their clock to ours: add it to an NTP time of the peer. NaN until its first sender report. */
  clockOffsetMs = NaN;
  rates: TransportRates = UNBOUNDED;
  /** What REMB tells the peer as a publisher. */
  readonly remb = new RembTeller();
  /** The peer's own REMB as a viewer in bit/s, 0 before the first, and when it came. */
  peerRembBps = 0;
  peerRembMs = 0;

  constructor(id: number, row: number, side: SidePeer | null = null) {
    this.id = id;
    this.row = row;
    this.rtcpRow = row;
    this.side = side;
    this.admitted = new Array<AdmittedAddress>();
    this.inbounds = new Array<Inbound>();
    this.receivers = new Array<Receiver>();
    this.senders = new Array<Sender>();
  }

  /** The stream of an SSRC, or null. Peers use a handful, so a scan beats a hash. */
  inboundOf(ssrc: number): Inbound | null {
    const wanted = ssrc | 0;
    for (let i = 0; i < this.inboundCount; i++) {
      if (this.ssrcs[i] === wanted) return this.inbounds[i];
    }
    return null;
  }

  /** True while one more SSRC may be learned. */
  hasRoom(): boolean {
    return this.inboundCount < MAX_SSRCS_PER_TRANSPORT;
  }

  add(inbound: Inbound): void {
    if (this.ssrcs.length === 0) this.#openSsrcs();
    this.ssrcs[this.inboundCount] = inbound.ssrc | 0;
    this.inbounds[this.inboundCount++] = inbound;
  }

  /** Forgets one stream. */
  remove(inbound: Inbound): void {
    const at = this.inbounds.indexOf(inbound);
    if (at < 0) return;
    const last = --this.inboundCount;
    for (let i = at; i < last; i++) {
      this.inbounds[i] = this.inbounds[i + 1];
      this.ssrcs[i] = this.ssrcs[i + 1];
    }
    this.inbounds.length = last;
  }

  // cold: when a peer that encrypts has begun anew very often
  /** From now on nothing of this SSRC is taken; false when there are too many of them. */
  retire(ssrc: number): boolean {
    this.#retired ??= new Set();
    if (this.#retired.size >= MAX_RETIRED_SSRCS) return false;
    this.#retired.add(ssrc);
    return true;
  }

  isRetired(ssrc: number): boolean {
    return this.#retired !== null && this.#retired.has(ssrc);
  }

  /** Forgets every stream of a receiver. */
  removeInboundsOf(receiver: Receiver): void {
    let kept = 0;
    for (let i = 0; i < this.inboundCount; i++) {
      const inbound = this.inbounds[i];
      if (inbound.receiver === receiver) continue;
      this.ssrcs[kept] = inbound.ssrc | 0;
      this.inbounds[kept++] = inbound;
    }
    this.inbounds.length = kept;
    this.inboundCount = kept;
  }

  /** New keys: the peer's SRTCP indices begin anew. Ours go on, which is right with any key. */
  startKeys(): void {
    this.#retired = null;
    this.rtcpReplay = new ReplayWindow(128);
  }

  /** Video m-lines that share what may be sent; at least 1, to be divided by. */
  videoSenders(): number {
    let count = 0;
    for (let i = 0; i < this.senders.length; i++) {
      if (this.senders[i].spec.media === "video" && this.senders[i].source !== null) count++;
    }
    return Math.max(1, count);
  }

  /** Nothing but its address tells whose a packet is. */
  isPlain(): boolean {
    return this.inCipher !== null && this.inCipher.profile === "NONE";
  }

  /** It leads to a program of this machine, which decodes, encodes or records. */
  isProgram(): boolean {
    return this.side === null && this.isPlain();
  }

  /** Media and RTCP can be sent. */
  canSend(): boolean {
    return this.selected && this.outCipher !== null;
  }

  #openSsrcs(): void {
    this.ssrcs = new Int32Array(MAX_SSRCS_PER_TRANSPORT);
  }
}
