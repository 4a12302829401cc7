import { Buffer } from "node:buffer";
import { type DepacketizerCodec, dePacketizeRtpPackets, RtpPacket } from "werift";

/** One frame put together from its packets. */
export interface AccessUnit {
  /** RTP time stamp, in units of the codec's clock. */
  timestamp: number;
  /** Annex B for H264. */
  bytes: Uint8Array;
}

/**
 * Keeps the RTP packets of one stream and puts frames together with werift's depacketisers, which share no code with
 * the server under test.
 */
export class RtpCollector {
  readonly #codec: DepacketizerCodec;
  readonly #packets = new Map<number, RtpPacket>();
  #highest = -1;
  #first = Infinity;
  /** When the first packet came, on the clock of `performance.now`; NaN before. */
  firstPacketMs = NaN;
  /** Packets with the marker bit: pictures, of video. */
  markerCount = 0;
  /** When the last packet of each picture came, by its RTP time stamp, on the clock of `performance.now`. */
  readonly pictureMs = new Map<number, number>();

  constructor(codec: DepacketizerCodec) {
    this.#codec = codec;
  }

  /** Takes one RTP packet; duplicates are dropped. The bytes are copied. */
  take(datagram: Uint8Array): void {
    const packet = RtpPacket.deSerialize(Buffer.from(datagram));
    const extended = this.#extend(packet.header.sequenceNumber);
    if (this.#packets.size === 0) this.firstPacketMs = performance.now();
    this.#first = Math.min(this.#first, extended);
    this.#highest = Math.max(this.#highest, extended);
    if (packet.header.marker && !this.#packets.has(extended)) {
      this.markerCount++;
      this.pictureMs.set(packet.header.timestamp, performance.now());
    }
    this.#packets.set(extended, packet);
  }

  get packetCount(): number {
    return this.#packets.size;
  }

  /** Sequence numbers between the first and the last one that never came. */
  get lostCount(): number {
    return this.#packets.size === 0 ? 0 : this.#highest - this.#first + 1 - this.#packets.size;
  }

  /** SSRCs seen: one for a stream that is continuous in the sense of RFC 3550. */
  get ssrcs(): number[] {
    return [...new Set([...this.#packets.values()].map((packet) => packet.header.ssrc))];
  }

  /** Every frame that came whole, in the order of sequence numbers. */
  accessUnits(): AccessUnit[] {
    return this.#groups().flatMap((group) => {
      if (!isWhole(group)) return [];
      const packets = group.map((entry) => entry.packet).filter((packet) => packet.payload.length > 0);
      if (packets.length === 0) return [];
      const bytes = new Uint8Array(dePacketizeRtpPackets(this.#codec, packets).data);
      return [{ timestamp: packets[0].header.timestamp, bytes }];
    });
  }

  #groups(): Numbered[][] {
    const groups: Numbered[][] = [];
    for (const number of [...this.#packets.keys()].sort((a, b) => a - b)) {
      const packet = this.#packets.get(number)!;
      const group = groups.at(-1);
      if (group && group[0].packet.header.timestamp === packet.header.timestamp) {
        group.push({ number, packet });
      } else groups.push([{ number, packet }]);
    }
    return groups;
  }

  /** RFC 3550 appendix A.1, without the probation. */
  #extend(sequenceNumber: number): number {
    if (this.#highest < 0) return sequenceNumber + 65536;
    const delta = (sequenceNumber - this.#highest) << 16 >> 16;
    return this.#highest + delta;
  }
}

interface Numbered {
  number: number;
  packet: RtpPacket;
}

const isWhole = (group: Numbered[]) => group.at(-1)!.number - group[0].number + 1 === group.length;
