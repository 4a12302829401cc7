import { ADDRESS_WORDS, type Clock, parseAddress } from "../../base/mod.ts";
import type { Native, UdpPort } from "../../native/mod.ts";
import { programOrientationId } from "../types.ts";
import {
  ExtensionTable,
  hasPadding,
  headerLength,
  KIND_RTCP,
  KIND_RTP,
  marker,
  packetKind,
  paddingLength,
  payloadType,
  readExtensions,
  sequenceNumber,
  ssrc,
  timestamp,
} from "../../rtp/mod.ts";

/** Where what a program hears goes. Bytes are valid during the call only. */
export interface MediaReceiver {
  rtp(packet: RtpPacket): void;
  rtcp(bytes: Uint8Array, offset: number, length: number): void;
  /** After every batch, and at least every `TICK_MS`. */
  tick(nowMs: number): void;
}

/** One RTP packet; `payload` is a copy of its own, without padding. */
export interface RtpPacket {
  ssrc: number;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  marker: boolean;
  payload: Uint8Array;
  /** How the picture is to be turned (3GPP TS 26.114 section 7.4.5), null where the packet does not say. */
  orientation: number | null;
  nowMs: number;
}

const TICK_MS = 20;
const extensions = new ExtensionTable();
const PLANE = 0;

/** The program's end of the loopback: hears the packet plane and nobody else. */
export class MediaSocket {
  readonly #udp: UdpPort;
  readonly #clock: Clock;
  readonly #planePort: number;
  readonly #planeWords = new Uint32Array(ADDRESS_WORDS);
  #closed = false;
  #muted = false;
  #running: Promise<void> | null = null;

  constructor(udp: UdpPort, clock: Clock, planeAddress: string, planePort: number) {
    this.#udp = udp;
    this.#clock = clock;
    this.#planePort = planePort;
    parseAddress(planeAddress, this.#planeWords);
    udp.setDestination(PLANE, this.#planeWords, 0, planePort);
  }

  get port(): number {
    return this.#udp.localPort;
  }

  /** Hands on what comes until `mute` or `close`; `failed` hears of an exception of the receiver, which ends it too. */
  run(receiver: MediaReceiver, failed: (error: unknown) => void): void {
    this.#running ??= this.#loop(receiver).catch(failed);
  }

  /** Hears nothing more; can still send. */
  mute(): void {
    this.#muted = true;
  }

  /** Lets `write` fill one datagram and say its length; it leaves with the next `flush`. */
  send(write: (bytes: Uint8Array, offset: number) => number): void {
    if (this.#closed) return;
    const offset = this.#udp.nextEgress();
    this.#udp.push(PLANE, offset, write(this.#udp.egress.bytes, offset));
  }

  flush(): void {
    if (!this.#closed) this.#udp.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#udp.flush();
    this.#closed = true;
    this.#udp.close();
    await this.#running;
  }

  async #loop(receiver: MediaReceiver): Promise<void> {
    while (!this.#closed) {
      await this.#udp.wait(TICK_MS);
      if (this.#closed || this.#muted) return;
      const nowMs = this.#clock.now();
      for (let count = this.#udp.receive(); count > 0; count = this.#udp.receive()) {
        const first = this.#udp.firstSlot;
        for (let slot = first; slot < first + count; slot++) this.#take(slot, receiver, nowMs);
      }
      receiver.tick(nowMs);
      this.#udp.flush();
    }
  }

  #take(slot: number, receiver: MediaReceiver, nowMs: number): void {
    const { slotPort, slotAddress, slotLength, ring } = this.#udp;
    const isPlane = slotPort[slot] === this.#planePort &&
      this.#planeWords.every((word, index) => slotAddress[slot * 4 + index] === word);
    if (!isPlane) return;
    const offset = slot * (ring.bytes.length / this.#udp.slotCount);
    const length = slotLength[slot];
    const kind = packetKind(ring.bytes, offset, length);
    if (kind === KIND_RTCP) receiver.rtcp(ring.bytes, offset, length);
    else if (kind === KIND_RTP) {
      const packet = readRtp(ring.bytes, offset, length, nowMs);
      if (packet) receiver.rtp(packet);
    }
  }
}

/** Opens the port of a program, on the address that the plane has too: nothing else of the network reaches it there. */
export async function openMediaSocket(
  native: Native,
  clock: Clock,
  planeAddress: string,
  planePort: number,
): Promise<MediaSocket> {
  const udp = await native.openUdp({
    bind: planeAddress,
    port: 0,
    slotCount: 512,
    egressSlotCount: 256,
    destinationCount: 1,
  });
  return new MediaSocket(udp, clock, planeAddress, planePort);
}

/** What a datagram of the plane holds, null where it is no RTP. */
export function readRtp(bytes: Uint8Array, offset: number, length: number, nowMs: number): RtpPacket | null {
  const header = headerLength(bytes, offset, length);
  if (header < 0) return null;
  const padding = hasPadding(bytes, offset) ? paddingLength(bytes, offset, length) : 0;
  if (padding < 0) return null;
  return {
    ssrc: ssrc(bytes, offset),
    payloadType: payloadType(bytes, offset),
    sequenceNumber: sequenceNumber(bytes, offset),
    timestamp: timestamp(bytes, offset),
    marker: marker(bytes, offset),
    payload: bytes.slice(offset + header, offset + length - padding),
    orientation: orientationOf(bytes, offset),
    nowMs,
  };
}

function orientationOf(bytes: Uint8Array, offset: number): number | null {
  readExtensions(bytes, offset, extensions);
  for (let i = 0; i < extensions.count; i++) {
    if (extensions.ids[i] === programOrientationId) return bytes[extensions.offsets[i]];
  }
  return null;
}
