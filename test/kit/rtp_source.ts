import {
  ntpFraction,
  ntpSeconds,
  type Packetizer,
  payloadFormat,
  RTP_HEADER_BYTES,
  writeHeader,
  writeSenderReport,
} from "../../src/rtp/mod.ts";
import { programPayloads } from "../../src/frame/mod.ts";

/** One RTP stream as the packet plane sends it to a program, as datagrams; the test decides when and whether they go. */
export class RtpSource {
  readonly codec: string;
  readonly ssrc: number;
  readonly clockRate: number;
  readonly #payloadType: number;
  readonly #packetizer: Packetizer;
  /** Time stamp of the source's moment 0. */
  readonly #base: number;
  #sequenceNumber: number;
  #packets = 0;
  #bytes = 0;

  constructor(codec: string, ssrc: number, base = 4_294_900_000) {
    const { payloadType, clockRate } = programPayloads[codec];
    this.codec = codec;
    this.ssrc = ssrc;
    this.clockRate = clockRate;
    this.#payloadType = payloadType;
    this.#packetizer = payloadFormat(codec)!.packetizer();
    this.#base = base;
    this.#sequenceNumber = 65_000;
  }

  /** The packets of a frame that the source took at `atMs` of its time. */
  packets(frame: Uint8Array, atMs: number): Uint8Array[] {
    const payloads = this.#packetizer.packetize(frame, 1100);
    return payloads.map((payload, index) => {
      const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
      const isLast = index === payloads.length - 1;
      writeHeader(
        packet,
        0,
        isLast,
        this.#payloadType,
        this.#sequenceNumber,
        this.#timestamp(atMs),
        this.ssrc,
      );
      packet.set(payload, RTP_HEADER_BYTES);
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      this.#packets++;
      this.#bytes += payload.length;
      return packet;
    });
  }

  /** A sender report: `atMs` of the source's time was `ntpMs` by its wall clock (ms since the Unix epoch). */
  report(atMs: number, ntpMs: number): Uint8Array {
    const bytes = new Uint8Array(64);
    const length = writeSenderReport(
      bytes,
      0,
      this.ssrc,
      ntpSeconds(ntpMs),
      ntpFraction(ntpMs),
      this.#timestamp(atMs),
      this.#packets,
      this.#bytes,
      0,
    );
    return bytes.slice(0, length);
  }

  #timestamp(atMs: number): number {
    return (this.#base + Math.round(atMs * this.clockRate / 1000)) >>> 0;
  }
}
