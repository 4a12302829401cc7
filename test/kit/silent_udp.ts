import { ADDRESS_WORDS } from "../../src/base/mod.ts";
import {
  type Memory,
  type SidePort,
  SLOT_BYTES,
  type SrtpCipher,
  type UdpPort,
} from "../../src/native/mod.ts";

/** A UdpPort that allocates nothing: `arrive` says how many slots the test has filled, what is pushed is only counted. */
export class SilentUdp implements UdpPort {
  readonly kind = "libc";
  readonly localPort = 9;
  readonly family = "dual";
  readonly destinationCount = 8192;
  readonly slotCount = 1024;
  readonly ring: Memory = { bytes: new Uint8Array(this.slotCount * SLOT_BYTES), address: 0 };
  readonly egress: Memory = { bytes: new Uint8Array(64 * SLOT_BYTES), address: 0 };
  readonly slotLength = new Int32Array(this.slotCount);
  readonly slotAddress = new Uint32Array(this.slotCount * ADDRESS_WORDS);
  readonly slotPort = new Uint16Array(this.slotCount);
  readonly slotTimeMs = new Float64Array(this.slotCount);
  readonly slotSide = new Uint16Array(this.slotCount);
  readonly counters = {
    packetsReceived: 0,
    bytesReceived: 0,
    packetsSent: 0,
    bytesSent: 0,
    packetsUnsent: 0,
    packetsTruncated: 0,
    sendCalls: 0,
  };
  firstSlot = 0;
  #filled = 0;
  #next = 0;
  #egress = 0;

  /** The slot that the test fills next; `arrive` then makes it part of the next batch. */
  get nextSlot(): number {
    return (this.#next + this.#filled) % this.slotCount;
  }

  arrive(): void {
    this.#filled++;
  }

  wait(): Promise<void> {
    return Promise.resolve();
  }

  receive(): number {
    const count = Math.min(this.#filled, this.slotCount - this.#next);
    this.firstSlot = this.#next;
    this.#filled -= count;
    this.#next = (this.#next + count) % this.slotCount;
    return count;
  }

  openSide(port: number): Promise<SidePort> {
    return Promise.resolve({ side: 1, port });
  }

  closeSide(): void {}

  setDestination(): void {}

  setDscp(): boolean {
    return true;
  }

  nextEgress(): number {
    return this.#egress * SLOT_BYTES;
  }

  push(_destination: number, _offset: number, length: number): void {
    this.#egress = (this.#egress + 1) & 63;
    this.counters.packetsSent++;
    this.counters.bytesSent += length;
  }

  flush(): void {}

  close(): void {}
}

/** A cipher that copies and tags with zeros: the plane's own work stands out beside it. */
export class PlainCipher implements SrtpCipher {
  readonly profile = "AEAD_AES_128_GCM";
  readonly rtpOverhead = 16;
  readonly rtcpOverhead = 20;
  readonly rtcpIndex = 0;

  protectRtp(
    target: Memory,
    offset: number,
    headerLength: number,
    source: Memory,
    payloadOffset: number,
    payloadLength: number,
  ): number {
    const to = offset + headerLength;
    for (let i = 0; i < payloadLength; i++) target.bytes[to + i] = source.bytes[payloadOffset + i];
    return headerLength + payloadLength + this.rtpOverhead;
  }

  unprotectRtp(_memory: Memory, _offset: number, length: number): number {
    return length - this.rtpOverhead;
  }

  protectRtcp(_memory: Memory, _offset: number, length: number): number {
    return length + this.rtcpOverhead;
  }

  unprotectRtcp(_memory: Memory, _offset: number, length: number): number {
    return length - this.rtcpOverhead;
  }

  close(): void {}
}
