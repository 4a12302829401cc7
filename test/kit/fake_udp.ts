import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../../src/base/mod.ts";
import { type Memory, SLOT_BYTES, type UdpPort } from "../../src/native/mod.ts";

export interface SentDatagram {
  to: SocketAddress;
  bytes: Uint8Array;
}

const BATCH = 64;

/** A UdpPort without a socket: what `deliver` queues is received, what is pushed stands in `sent` after a flush. */
export class FakeUdp implements UdpPort {
  readonly kind = "portable";
  readonly localPort = 9;
  readonly family = "dual";
  readonly ring: Memory;
  readonly egress: Memory;
  readonly slotCount: number;
  readonly slotLength: Int32Array;
  readonly slotAddress: Uint32Array;
  readonly slotPort: Uint16Array;
  readonly slotTimeMs: Float64Array;
  readonly destinationCount = 8192;
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
  sent: SentDatagram[] = [];
  #queued: SentDatagram[] = [];
  #arriving: { words: Uint32Array; port: number; bytes: Uint8Array; timeMs: number }[] = [];
  #next = 0;
  #egressNext = 0;
  readonly #egressSlots: number;
  readonly #destinations: SocketAddress[] = [];

  /** `memory` makes the areas; give a native room's where ciphers need addresses. */
  constructor(
    slotCount = 4096,
    egressSlots = 64,
    memory: (byteLength: number) => Memory = (length) => ({ bytes: new Uint8Array(length), address: 0 }),
  ) {
    this.slotCount = slotCount;
    this.#egressSlots = egressSlots;
    this.ring = memory(slotCount * SLOT_BYTES);
    this.egress = memory(egressSlots * SLOT_BYTES);
    this.slotLength = new Int32Array(slotCount);
    this.slotAddress = new Uint32Array(slotCount * ADDRESS_WORDS);
    this.slotPort = new Uint16Array(slotCount);
    this.slotTimeMs = new Float64Array(slotCount);
  }

  /** Lets a datagram arrive; the next `receive` takes it. */
  deliver(from: SocketAddress, bytes: Uint8Array, timeMs = 0): void {
    const words = new Uint32Array(ADDRESS_WORDS);
    if (!parseAddress(from.address, words)) throw new Error(`Cannot deliver: ${from.address} is no address`);
    this.#arriving.push({ words, port: from.port, bytes, timeMs });
  }

  wait(): Promise<void> {
    return Promise.resolve();
  }

  receive(): number {
    const count = Math.min(this.#arriving.length, BATCH, this.slotCount - this.#next);
    this.firstSlot = this.#next;
    for (const { words, port, bytes, timeMs } of this.#arriving.splice(0, count)) {
      const slot = this.#next++;
      this.slotAddress.set(words, slot * ADDRESS_WORDS);
      this.slotPort[slot] = port;
      this.slotTimeMs[slot] = timeMs;
      this.slotLength[slot] = bytes.length > SLOT_BYTES ? 0 : bytes.length;
      if (bytes.length <= SLOT_BYTES) this.ring.bytes.set(bytes, slot * SLOT_BYTES);
    }
    if (this.#next === this.slotCount) this.#next = 0;
    return count;
  }

  setDestination(destination: number, address: Uint32Array, at: number, port: number): void {
    this.#destinations[destination] = { address: formatAddress(address, at), port };
  }

  /** By destination; what was set last. */
  readonly dscps: number[] = [];

  setDscp(destination: number, dscp: number): boolean {
    this.dscps[destination] = dscp;
    return true;
  }

  nextEgress(): number {
    if (this.#egressNext === this.#egressSlots) this.flush();
    return this.#egressNext * SLOT_BYTES;
  }

  push(destination: number, offset: number, length: number): void {
    this.#egressNext++;
    this.#queued.push({
      to: this.#destinations[destination],
      bytes: this.egress.bytes.slice(offset, offset + length),
    });
  }

  flush(): void {
    this.sent.push(...this.#queued);
    this.#queued = [];
    this.#egressNext = 0;
  }

  close(): void {}
}
