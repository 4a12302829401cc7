import { RtpHeader, RtpPacket, SrtcpSession, SrtpSession } from "werift";
import type { SocketAddress } from "../../src/base/mod.ts";
import { type DtlsProfile, openNative } from "../../src/native/mod.ts";
import { Plane, type PlaneCommand, type PlaneEvent, type PlaneStats } from "../../src/plane/mod.ts";
import type { PayloadSpec, ReceiverSpec, SenderSpec, TransportKeys } from "../../src/plane/mod.ts";
import { FakeUdp } from "./fake_udp.ts";

/** werift's numbers of the SRTP profiles (RFC 5764 and RFC 7714). */
const weriftProfiles: Record<DtlsProfile, 1 | 7> = { AES128_CM_HMAC_SHA1_80: 1, AEAD_AES_128_GCM: 7 };
const saltBytes: Record<DtlsProfile, number> = { AES128_CM_HMAC_SHA1_80: 14, AEAD_AES_128_GCM: 12 };

export interface RtpFields {
  ssrc: number;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  marker?: boolean;
  payload: Uint8Array;
  extensions?: { id: number; payload: Uint8Array }[];
  /** Bytes of RTP padding behind the payload. */
  padding?: number;
}

/** One packet of a compound; `bytes` is all of it. */
export interface RtcpPart {
  type: number;
  count: number;
  bytes: Uint8Array;
}

/** A peer on the other side, whose SRTP is werift's: an implementation that shares no line with ours. */
export class RigPeer {
  readonly transport: number;
  readonly address: SocketAddress;
  readonly keys: TransportKeys;
  readonly #rtp: SrtpSession;
  readonly #rtcp: SrtcpSession;
  /** Everything that came, in order of arrival. */
  readonly rtp: RtpPacket[] = [];
  readonly rtcp: RtcpPart[] = [];
  readonly stun: Uint8Array[] = [];

  constructor(transport: number, address: SocketAddress, profile: DtlsProfile) {
    this.transport = transport;
    this.address = address;
    const fill = (length: number, from: number) =>
      Uint8Array.from({ length }, (_, i) => (from + i * 7 + transport) & 255);
    const salt = saltBytes[profile];
    this.keys = {
      profile,
      localKey: fill(16, 1),
      localSalt: fill(salt, 2),
      remoteKey: fill(16, 3),
      remoteSalt: fill(salt, 4),
    };
    const config = {
      profile: weriftProfiles[profile],
      keys: {
        localMasterKey: Buffer.from(this.keys.remoteKey),
        localMasterSalt: Buffer.from(this.keys.remoteSalt),
        remoteMasterKey: Buffer.from(this.keys.localKey),
        remoteMasterSalt: Buffer.from(this.keys.localSalt),
      },
    };
    this.#rtp = new SrtpSession(config);
    this.#rtcp = new SrtcpSession(config);
  }

  protectRtp(fields: RtpFields): Uint8Array {
    const extensions = (fields.extensions ?? []).map(({ id, payload }) => ({
      id,
      payload: Buffer.from(payload),
    }));
    const padding = fields.padding ?? 0;
    const header = new RtpHeader({
      version: 2,
      ssrc: fields.ssrc,
      payloadType: fields.payloadType,
      sequenceNumber: fields.sequenceNumber & 0xffff,
      timestamp: fields.timestamp >>> 0,
      marker: fields.marker ?? false,
      padding: padding > 0,
      paddingSize: padding,
      extension: extensions.length > 0,
      extensions,
    });
    const payload = Buffer.alloc(fields.payload.length + padding);
    payload.set(fields.payload);
    if (padding > 0) payload[payload.length - 1] = padding;
    return new Uint8Array(this.#rtp.encrypt(payload, header));
  }

  protectRtcp(packets: { serialize(): Uint8Array }[]): Uint8Array {
    const compound = Buffer.concat(packets.map((packet) => Buffer.from(packet.serialize())));
    return new Uint8Array(this.#rtcp.encrypt(compound));
  }

  /** Opens what the plane sent to this peer. */
  take(bytes: Uint8Array): void {
    const second = bytes[1];
    if (bytes[0] < 4) this.stun.push(bytes);
    else if (second >= 192 && second <= 223) {
      this.rtcp.push(...splitCompound(this.#rtcp.decrypt(Buffer.from(bytes))));
    } else this.rtp.push(RtpPacket.deSerialize(this.#rtp.decrypt(Buffer.from(bytes))));
  }
}

/** A program of this machine: plain RTP over loopback. */
class ProgramPeer extends RigPeer {
  override take(bytes: Uint8Array): void {
    if (bytes[1] >= 192 && bytes[1] <= 223) this.rtcp.push(...splitCompound(bytes));
    else this.rtp.push(RtpPacket.deSerialize(Buffer.from(bytes)));
  }
}

function splitCompound(bytes: Uint8Array): RtcpPart[] {
  const parts: RtcpPart[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = (((bytes[at + 2] << 8) | bytes[at + 3]) + 1) * 4;
    parts.push({ type: bytes[at + 1], count: bytes[at] & 31, bytes: bytes.slice(at, at + length) });
    at += length;
  }
  return parts;
}

export const vp8: PayloadSpec = {
  payloadType: 96,
  codec: "VP8",
  format: "VP8/90000/1",
  clockRate: 90000,
  rtxPayloadType: 97,
  feedback: { nack: true, pli: true, fir: true, remb: true, transportCc: true },
};

export const opus: PayloadSpec = {
  payloadType: 111,
  codec: "OPUS",
  format: "OPUS/48000/2",
  clockRate: 48000,
  rtxPayloadType: null,
  feedback: { nack: false, pli: false, fir: false, remb: false, transportCc: true },
};

/** VP8 payload descriptors with a byte of payload header: a keyframe's first packet, another frame's, a further packet. */
export const vp8Start = (keyframe: boolean, size = 100) => filled(size, [0x10, keyframe ? 0 : 1]);
export const vp8More = (size = 100) => filled(size, [0x00, 0xaa]);

function filled(size: number, head: number[]): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i & 255);
  bytes.set(head);
  return bytes;
}

/** A plane on a fake UDP port and a clock of the test. */
export class PlaneRig {
  readonly udp: FakeUdp;
  readonly plane: Plane;
  readonly events: PlaneEvent[] = [];
  readonly peers: RigPeer[] = [];
  nowMs = 1_790_000_000_000;
  #random = 12345;

  /** `random` gives unsigned 32-bit numbers; by default repeatable ones. */
  constructor(slotCount = 4096, random?: () => number) {
    const native = openNative("portable");
    this.udp = new FakeUdp(slotCount);
    this.plane = new Plane({
      udp: this.udp,
      openCipher: native.openCipher,
      random: random ?? (() => (this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0)),
      onEvents: (events) => this.events.push(...events),
    });
  }

  apply(command: PlaneCommand): void {
    this.plane.apply(command, this.nowMs);
  }

  /** A peer with an admitted and selected address, and keys. */
  openPeer(profile: DtlsProfile = "AEAD_AES_128_GCM"): RigPeer {
    const transport = this.peers.length + 1;
    const peer = new RigPeer(transport, { address: `192.0.2.${transport}`, port: 5000 + transport }, profile);
    return this.#open(peer, peer.keys);
  }

  /** A program of this machine, which hears plain RTP. */
  openProgram(): RigPeer {
    const transport = this.peers.length + 1;
    const address = { address: "127.0.0.1", port: 5000 + transport };
    const none = new Uint8Array();
    const keys = { localKey: none, localSalt: none, remoteKey: none, remoteSalt: none };
    return this.#open(new ProgramPeer(transport, address, "AEAD_AES_128_GCM"), { profile: "NONE", ...keys });
  }

  #open(peer: RigPeer, keys: TransportKeys): RigPeer {
    const { transport, address } = peer;
    this.peers.push(peer);
    this.apply({ do: "openTransport", transport });
    this.apply({ do: "admit", transport, address });
    this.apply({ do: "select", transport, address });
    this.apply({ do: "key", transport, keys });
    return peer;
  }

  openReceiver(peer: RigPeer, receiver: number, source: number, spec: Partial<ReceiverSpec> = {}): void {
    this.apply({
      do: "openReceiver",
      receiver: {
        receiver,
        transport: peer.transport,
        source,
        media: "video",
        mid: "0",
        payloads: [vp8],
        extensions: {},
        ssrcs: [],
        rids: [],
        localSsrc: 7000 + receiver,
        ...spec,
      },
    });
  }

  openSender(peer: RigPeer, sender: number, source: number | null, spec: Partial<SenderSpec> = {}): void {
    this.apply({
      do: "openSender",
      sender: {
        sender,
        transport: peer.transport,
        media: "video",
        mid: "0",
        ssrc: 9000 + sender,
        rtxSsrc: 0,
        cname: "test",
        payloads: [vp8],
        extensions: {},
        ...spec,
      },
    });
    if (source !== null) this.apply({ do: "bindSender", sender, source });
  }

  /** Lets a datagram of `peer` arrive with the next turn. */
  deliver(peer: RigPeer, bytes: Uint8Array, timeMs = 0): void {
    this.udp.deliver(peer.address, bytes, timeMs);
  }

  /** `timeMs`: when the system took it; 0 for a system that does not tell. */
  sendRtp(peer: RigPeer, fields: RtpFields, timeMs = 0): void {
    this.deliver(peer, peer.protectRtp(fields), timeMs);
  }

  sendRtcp(peer: RigPeer, ...packets: { serialize(): Uint8Array }[]): void {
    this.deliver(peer, peer.protectRtcp(packets));
  }

  /** Lets `ms` pass, then one turn; what it sent is with the peers afterwards. */
  turn(ms = 0): void {
    this.nowMs += ms;
    this.plane.turn(this.nowMs);
    for (const { to, bytes } of this.udp.sent.splice(0)) {
      this.peers.find((peer) => peer.address.address === to.address && peer.address.port === to.port)?.take(
        bytes,
      );
    }
  }

  /** Lets `ms` pass in turns of 10 ms. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) this.turn(10);
  }

  stats(): PlaneStats {
    return this.plane.stats(this.nowMs);
  }

  eventsOf<K extends PlaneEvent["on"]>(on: K): Extract<PlaneEvent, { on: K }>[] {
    return this.events.filter((event) => event.on === on) as Extract<PlaneEvent, { on: K }>[];
  }
}

/** Sends frames of one SSRC with continuous numbers, as an encoder would. */
export class RigEncoder {
  readonly #rig: PlaneRig;
  readonly #peer: RigPeer;
  readonly ssrc: number;
  /** Of the next packet, and of the last frame. */
  sequence: number;
  timestamp: number;
  readonly #extensions: { id: number; payload: Uint8Array }[];

  constructor(
    rig: PlaneRig,
    peer: RigPeer,
    ssrc: number,
    sequence = 1000,
    extensions: RtpFields["extensions"] = [],
  ) {
    this.#rig = rig;
    this.#peer = peer;
    this.ssrc = ssrc;
    this.sequence = sequence;
    this.timestamp = 5000;
    this.#extensions = extensions;
  }

  /** The next frame as fields, one per packet; nothing is sent. */
  frame(keyframe: boolean, packets = 2, size = 100): RtpFields[] {
    this.timestamp += 3000;
    return Array.from({ length: packets }, (_, i) => ({
      ssrc: this.ssrc,
      payloadType: 96,
      sequenceNumber: this.sequence++ & 0xffff,
      timestamp: this.timestamp,
      marker: i === packets - 1,
      payload: i === 0 ? vp8Start(keyframe, size) : vp8More(size),
      extensions: this.#extensions,
    }));
  }

  /** Lets the next frame arrive with the next turn. */
  send(keyframe: boolean, packets = 2, size = 100): void {
    for (const fields of this.frame(keyframe, packets, size)) this.#rig.sendRtp(this.#peer, fields);
  }

  /** `count` frames 30 ms apart, with a turn each. */
  sendMany(count: number, packets = 2, size = 100): void {
    for (let i = 0; i < count; i++) {
      this.send(false, packets, size);
      this.#rig.turn(30);
    }
  }
}

/** One publisher that fills source 1 by receiver 1, and `viewers` whose senders 1 … are bound to it. */
export function openStream(
  options: {
    viewers?: number;
    receiver?: Partial<ReceiverSpec>;
    sender?: Partial<SenderSpec>;
    slotCount?: number;
    random?: () => number;
  } = {},
): { rig: PlaneRig; publisher: RigPeer; viewer: RigPeer; viewers: RigPeer[]; encoder: RigEncoder } {
  const rig = new PlaneRig(options.slotCount, options.random);
  rig.apply({ do: "openSource", source: 1, media: "video" });
  const publisher = rig.openPeer();
  rig.openReceiver(publisher, 1, 1, options.receiver);
  const viewers = Array.from({ length: options.viewers ?? 1 }, (_, i) => {
    const viewer = rig.openPeer();
    rig.openSender(viewer, i + 1, 1, options.sender);
    return viewer;
  });
  return { rig, publisher, viewer: viewers[0], viewers, encoder: new RigEncoder(rig, publisher, 1234) };
}

/** Sequence numbers as received. */
export function numbersOf(packets: RtpPacket[]): number[] {
  return packets.map((packet) => packet.header.sequenceNumber);
}

/** True when each number follows the one before by one, modulo 2^16. */
export function isContinuous(numbers: number[]): boolean {
  return numbers.every((number, i) => i === 0 || ((number - numbers[i - 1]) & 0xffff) === 1);
}

/** Parts of the compounds a peer got that are PSFB with FMT 1 (PLI) or 4 (FIR). */
export function keyframeRequests(peer: RigPeer): RtcpPart[] {
  return peer.rtcp.filter((part) => part.type === 206 && (part.count === 1 || part.count === 4));
}
