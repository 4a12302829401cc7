import { type Clock, randomUint32 } from "../../base/mod.ts";
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
  writeBye,
  writeHeader,
  writeSdes,
  writeSenderReport,
} from "../../rtp/mod.ts";
import { programOrientationId, programPayloads } from "../types.ts";
import { low32 } from "./extended_timestamp.ts";
import type { MediaSocket } from "./media_socket.ts";
import type { SenderClock } from "./sender_clock.ts";

/** With header, extensions of up to 28 bytes and the tag of SRTP a packet of this payload stays within 1216 bytes. */
const MAX_PAYLOAD_BYTES = 1160;
const REPORT_PERIOD_MS = 1000;

/** One RTP stream that a program sends. */
export class OutboundStream {
  readonly ssrc: number;
  readonly clockRate: number;
  readonly #payloadType: number;
  readonly #packetizer: Packetizer;
  readonly #socket: MediaSocket;
  readonly #senderClock: SenderClock;
  readonly #cname: Uint8Array;
  #sequenceNumber = randomUint32() & 0xffff;
  #reportedMs = 0;
  /** Told with every frame once it is known: how the picture is to be turned (3GPP TS 26.114 section 7.4.5). */
  orientation: number | null = null;
  packetCount = 0;
  byteCount = 0;
  frameCount = 0;

  constructor(codec: string, ssrc: number, socket: MediaSocket, senderClock: SenderClock, cname: string) {
    const { payloadType, clockRate } = programPayloads[codec];
    this.ssrc = ssrc;
    this.clockRate = clockRate;
    this.#payloadType = payloadType;
    this.#packetizer = payloadFormat(codec)!.packetizer();
    this.#socket = socket;
    this.#senderClock = senderClock;
    this.#cname = new TextEncoder().encode(cname);
  }

  /** Sends one frame; `timestamp` may be an extended one. */
  send(frame: Uint8Array, timestamp: number): void {
    const payloads = this.#packetizer.packetize(frame, MAX_PAYLOAD_BYTES);
    const stamp = low32(timestamp);
    payloads.forEach((payload, index) => this.#sendPayload(payload, index === payloads.length - 1, stamp));
    this.frameCount++;
    this.#socket.flush();
  }

  /** Sends a report when it is time for one. */
  tick(nowMs: number): void {
    const isDue = nowMs - this.#reportedMs >= REPORT_PERIOD_MS;
    if (!isDue || this.packetCount === 0 || !this.#senderClock.isKnown) return;
    this.#reportedMs = nowMs;
    this.#socket.send((bytes, offset) => this.#writeReport(bytes, offset, nowMs));
  }

  /** Says BYE. */
  end(clock: Clock): void {
    if (this.packetCount === 0) return;
    this.#socket.send((bytes, offset) => {
      const report = this.#writeReport(bytes, offset, clock.now());
      return report + writeBye(bytes, offset + report, Uint32Array.of(this.ssrc), 1);
    });
    this.#socket.flush();
  }

  #sendPayload(payload: Uint8Array, isLast: boolean, timestamp: number): void {
    // Audio has no frames over several packets; its marker would tell the start of a talkspurt.
    const marker = isLast && this.clockRate === 90_000;
    this.#socket.send((bytes, offset) => {
      writeHeader(bytes, offset, marker, this.#payloadType, this.#sequenceNumber, timestamp, this.ssrc);
      const header = RTP_HEADER_BYTES + (isLast ? this.#writeOrientation(bytes, offset) : 0);
      bytes.set(payload, offset + header);
      return header + payload.length;
    });
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.packetCount++;
    this.byteCount += payload.length;
  }

  /** Gives the length of the header extension. */
  #writeOrientation(bytes: Uint8Array, offset: number): number {
    if (this.orientation === null) return 0;
    setHasExtension(bytes, offset, true);
    const start = offset + RTP_HEADER_BYTES;
    const value = Uint8Array.of(this.orientation);
    const end = appendExtension(bytes, beginExtensions(bytes, start), programOrientationId, value, 0, 1);
    return endExtensions(bytes, start, end) - start;
  }

  #writeReport(bytes: Uint8Array, offset: number, nowMs: number): number {
    const ntpMs = this.#senderClock.ntpMsAt(nowMs);
    const report = writeSenderReport(
      bytes,
      offset,
      this.ssrc,
      ntpSeconds(ntpMs),
      ntpFraction(ntpMs),
      this.#senderClock.timestampAt(nowMs),
      this.packetCount,
      this.byteCount,
      0,
    );
    return report + writeSdes(bytes, offset + report, this.ssrc, this.#cname);
  }
}
