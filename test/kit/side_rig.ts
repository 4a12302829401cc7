import { RtcpRrPacket, RtpHeader, RtpPacket } from "werift";
import type { SocketAddress } from "../../src/base/mod.ts";
import type { TransportKeys } from "../../src/plane/mod.ts";
import { PlaneRig, type RtpFields, vp8, vp8Start } from "./plane_rig.ts";

const none = new Uint8Array(0);
const plain: TransportKeys = {
  profile: "NONE",
  localKey: none,
  localSalt: none,
  remoteKey: none,
  remoteSalt: none,
};

/** How the one RTP session of a rig is opened. */
export interface SideOptions {
  /** Media and RTCP share a port. */
  mux?: boolean;
  from?: string | null;
  latch?: boolean;
  keys?: TransportKeys;
  /** It only sends. */
  sendOnly?: boolean;
  feedback?: boolean;
}

/** A plane with a transport on ports of its own: source 1 is filled by it, and what it is sent is source 1 too. */
export class SideRig extends PlaneRig {
  readonly transport = 1;
  /** Sides of the UDP port. */
  rtpSide = 0;
  rtcpSide = 0;
  #sequence = 100;

  /** Opens ports, transport, receiver and sender. */
  async open(options: SideOptions = {}): Promise<void> {
    const { mux = false, from = null, latch = false, keys = plain, sendOnly, feedback = false } = options;
    const { transport } = this;
    this.apply({ do: "openPort", port: 9, rtcp: !mux, range: { least: 30_001, most: 30_009 } });
    await this.settled();
    const sides = [...this.udp.sides.keys()];
    [this.rtpSide, this.rtcpSide] = [sides[0], sides[1] ?? sides[0]];
    this.apply({ do: "openTransport", transport, port: 9 });
    this.apply({ do: "accept", transport, from, latch });
    this.apply({ do: "key", transport, keys });
    this.apply({ do: "openSource", source: 1, media: "video" });
    const asked = { ...vp8.feedback, pli: feedback, fir: false };
    const peer = { transport } as never;
    const payloads = [{ ...vp8, feedback: asked }];
    if (!sendOnly) this.openReceiver(peer, 1, 1, { payloads, mid: "" });
    this.openSender(peer, 1, 1, { mid: "" });
  }

  /** Lets what was begun in the background end. */
  settled(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** The next packet of a stream, a keyframe of one packet; `fields` replace its own. */
  packet(fields: Partial<Omit<RtpFields, "extensions" | "padding">> = {}): Uint8Array {
    const sequenceNumber = fields.sequenceNumber ?? this.#sequence++;
    const header = new RtpHeader({
      version: 2,
      ssrc: 1234,
      payloadType: 96,
      timestamp: sequenceNumber * 3000,
      marker: true,
      ...fields,
      sequenceNumber,
    });
    return new Uint8Array(new RtpPacket(header, Buffer.from(fields.payload ?? vp8Start(true))).serialize());
  }

  /** A datagram arrives by this side, and the plane takes it; what it sent by that is returned. */
  take(from: SocketAddress, bytes: Uint8Array, side = this.rtpSide) {
    this.udp.deliver(from, bytes, 0, side);
    this.plane.turn(this.nowMs += 20);
    return this.udp.sent.splice(0);
  }

  /** Media that left by now, with where it went. */
  mediaTo(sent: { to: SocketAddress; bytes: Uint8Array }[]): SocketAddress[] {
    return sent.filter(({ bytes }) => bytes[1] < 192 || bytes[1] > 223).map(({ to }) => to);
  }

  drops(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.stats().drops).filter(([, count]) => count > 0));
  }
}

export const receiverReport = () => new Uint8Array(new RtcpRrPacket({ ssrc: 77, reports: [] }).serialize());
