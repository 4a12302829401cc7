import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { payloadFormat, RTP_HEADER_BYTES, writeFir, writeHeader, writePli } from "../../src/rtp/mod.ts";
import { programOrientationId, programPayloads } from "../../src/frame/mod.ts";
import type { EncodedUnit } from "./ffmpeg.ts";
import { continueUntil } from "./until.ts";

/** One RTP packet as it came from a program. */
export interface TakenPacket {
  ssrc: number;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  payload: Uint8Array;
  /** Its header extension of video orientation, null without. */
  orientation: number | null;
  atMs: number;
}

/** Stands where the packet plane stands for a frame program: one UDP port that sends it RTP and hears what it makes. */
export class FramePeer {
  readonly #socket: Socket;
  readonly packets: TakenPacket[] = [];
  readonly rtcp: Uint8Array[] = [];
  /** PLIs that the program sent. */
  keyframeRequests = 0;
  programPort = 0;
  #sequenceNumber = 65_500;
  readonly ssrc = 0x1234_5678;
  /** Sent with the last packet of each frame, as browsers do; null for none. */
  orientation: number | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (bytes) => this.#take(new Uint8Array(bytes)));
  }

  static async open(): Promise<FramePeer> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    socket.setRecvBufferSize(4 << 20);
    return new FramePeer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Sends one frame in RTP packets; those whose index `skip` names are lost on the way. */
  sendFrame(codec: string, frame: Uint8Array, timestamp: number, skip: number[] = []): number {
    const { payloadType } = programPayloads[codec];
    const packetizer = payloadFormat(codec)!.packetizer();
    const payloads = packetizer.packetize(frame, 1100);
    payloads.forEach((payload, index) => {
      const isLast = index === payloads.length - 1;
      const extension = isLast && this.orientation !== null ? orientationBlock(this.orientation) : [];
      const packet = new Uint8Array(RTP_HEADER_BYTES + extension.length + payload.length);
      writeHeader(packet, 0, isLast, payloadType, this.#sequenceNumber, timestamp >>> 0, this.ssrc);
      if (extension.length > 0) packet[0] |= 0x10;
      packet.set(extension, RTP_HEADER_BYTES);
      packet.set(payload, RTP_HEADER_BYTES + extension.length);
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      if (!skip.includes(index)) this.send(packet);
    });
    return payloads.length;
  }

  /** Sends units one by one at their own times, `speed` times as fast. */
  async play(codec: string, units: EncodedUnit[], clockRate = 90_000, speed = 1, base = 0): Promise<void> {
    const startMs = performance.now();
    for (const { ptsMs, bytes } of units) {
      const dueMs = startMs + ptsMs / speed;
      while (performance.now() < dueMs) await new Promise((resolve) => setTimeout(resolve, 1));
      this.sendFrame(codec, bytes, base + Math.round(ptsMs * clockRate / 1000));
    }
  }

  send(packet: Uint8Array): void {
    this.#socket.send(Buffer.from(packet), this.programPort, "127.0.0.1");
  }

  requestKeyframe(ssrc: number, by: "PLI" | "FIR"): void {
    const bytes = new Uint8Array(32);
    const length = by === "PLI" ? writePli(bytes, 0, 1, ssrc) : writeFir(bytes, 0, 1, ssrc, 7);
    this.send(bytes.slice(0, length));
  }

  of(ssrc: number): TakenPacket[] {
    return this.packets.filter((packet) => packet.ssrc === ssrc);
  }

  /** Frames of one stream, put together by time stamp. */
  frames(
    codec: string,
    ssrc: number,
  ): { timestamp: number; bytes: Uint8Array; keyframe: boolean; atMs: number }[] {
    const assembler = payloadFormat(codec)!.assembler();
    const packets = this.of(ssrc);
    return packets.flatMap((packet, index) => {
      assembler.add(packet.payload);
      if (packets[index + 1]?.timestamp === packet.timestamp) return [];
      const frame = assembler.take();
      return frame ? [{ timestamp: packet.timestamp, atMs: packet.atMs, ...frame }] : [];
    });
  }

  /** Waits until something holds; fails after `limitMs` with what was waited for. */
  until(what: string, holds: () => boolean, limitMs = 10_000): Promise<void> {
    return continueUntil(what, holds, limitMs);
  }

  close(): void {
    this.#socket.close();
  }

  #take(bytes: Uint8Array): void {
    const second = bytes[1];
    if (second >= 192 && second <= 223) {
      this.rtcp.push(bytes);
      if (second === 206 && (bytes[0] & 31) === 1) this.keyframeRequests++;
      return;
    }
    const view = new DataView(bytes.buffer);
    const hasExtension = (bytes[0] & 0x10) !== 0;
    this.packets.push({
      ssrc: view.getUint32(8),
      payloadType: second & 127,
      sequenceNumber: view.getUint16(2),
      timestamp: view.getUint32(4),
      payload: bytes.slice(hasExtension ? RTP_HEADER_BYTES + 8 : RTP_HEADER_BYTES),
      // The only one that programs write stands alone (RFC 8285 section 4.2).
      orientation: hasExtension ? bytes[RTP_HEADER_BYTES + 5] : null,
      atMs: performance.now(),
    });
  }
}

/** A header extension of one-byte elements with this alone. */
const orientationBlock = (value: number) => [0xbe, 0xde, 0, 1, programOrientationId << 4, value, 0, 0];
