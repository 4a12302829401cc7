import {
  appendExtension,
  beginExtensions,
  endExtensions,
  ntpFraction,
  ntpSeconds,
  type Packetizer,
  payloadFormat,
  RTP_HEADER_BYTES,
  setHasExtension,
  writeHeader,
  writeSenderReport,
} from "../../src/rtp/mod.ts";
import { programOrientationId, programPayloads } from "../../src/frame/mod.ts";

/** Room for one header extension of one byte. */
const EXTENSION_BYTES = 8;

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
  /** Told with every frame: how its picture is to be turned (3GPP TS 26.114 section 7.4.5). */
  orientation: number | null = null;

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
      const packet = new Uint8Array(RTP_HEADER_BYTES + EXTENSION_BYTES + payload.length);
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
      const header = RTP_HEADER_BYTES + (isLast ? this.#writeOrientation(packet) : 0);
      packet.set(payload, header);
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      this.#packets++;
      this.#bytes += payload.length;
      return packet.subarray(0, header + payload.length);
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

  /** Gives the length of the header extension. */
  #writeOrientation(packet: Uint8Array): number {
    if (this.orientation === null) return 0;
    setHasExtension(packet, 0, true);
    const start = RTP_HEADER_BYTES;
    const value = Uint8Array.of(this.orientation);
    const end = appendExtension(packet, beginExtensions(packet, start), programOrientationId, value, 0, 1);
    return endExtensions(packet, start, end) - start;
  }

  #timestamp(atMs: number): number {
    return (this.#base + Math.round(atMs * this.clockRate / 1000)) >>> 0;
  }
}
