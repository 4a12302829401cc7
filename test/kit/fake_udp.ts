import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../../src/base/mod.ts";
import { type Memory, type SidePort, SLOT_BYTES, type UdpPort } from "../../src/native/mod.ts";

export interface SentDatagram {
  to: SocketAddress;
  /** 0 for the port itself. */
  side: number;
  bytes: Uint8Array;
}

const BATCH = 64;
const SPARE_SLOTS = 8;

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
  readonly slotSide: Uint16Array;
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
  #arriving: { words: Uint32Array; port: number; bytes: Uint8Array; timeMs: number; side: number }[] = [];
  #next = 0;
  #egressNext = 0;
  readonly #egressSlots: number;
  readonly #destinations: (SocketAddress & { side: number })[] = [];
  /** Ports of sides that are open, by side; and ports that nobody may have. */
  readonly sides = new Map<number, number>();
  readonly takenPorts = new Set<number>();

  /** `memory` makes the areas; give a native room's where ciphers need addresses. */
  constructor(
    slotCount = 4096,
    egressSlots = 64,
    memory: (byteLength: number) => Memory = (length) => ({ bytes: new Uint8Array(length), address: 0 }),
  ) {
    this.slotCount = slotCount;
    this.#egressSlots = egressSlots;
    this.ring = memory((slotCount + SPARE_SLOTS) * SLOT_BYTES);
    this.egress = memory(egressSlots * SLOT_BYTES);
    this.slotLength = new Int32Array(slotCount);
    this.slotAddress = new Uint32Array(slotCount * ADDRESS_WORDS);
    this.slotPort = new Uint16Array(slotCount);
    this.slotTimeMs = new Float64Array(slotCount);
    this.slotSide = new Uint16Array(slotCount);
  }

  /** Lets a datagram arrive; the next `receive` takes it. */
  deliver(from: SocketAddress, bytes: Uint8Array, timeMs = 0, side = 0): void {
    const words = new Uint32Array(ADDRESS_WORDS);
    if (!parseAddress(from.address, words)) throw new Error(`Cannot deliver: ${from.address} is no address`);
    this.#arriving.push({ words, port: from.port, bytes, timeMs, side });
  }

  wait(): Promise<void> {
    return Promise.resolve();
  }

  receive(): number {
    const count = Math.min(this.#arriving.length, BATCH, this.slotCount - this.#next);
    this.firstSlot = this.#next;
    for (const { words, port, bytes, timeMs, side } of this.#arriving.splice(0, count)) {
      const slot = this.#next++;
      this.slotAddress.set(words, slot * ADDRESS_WORDS);
      this.slotPort[slot] = port;
      this.slotTimeMs[slot] = timeMs;
      this.slotSide[slot] = side;
      this.slotLength[slot] = bytes.length > SLOT_BYTES ? 0 : bytes.length;
      if (bytes.length <= SLOT_BYTES) this.ring.bytes.set(bytes, slot * SLOT_BYTES);
    }
    if (this.#next === this.slotCount) this.#next = 0;
    return count;
  }

  openSide(port: number): Promise<SidePort> {
    if (this.takenPorts.has(port) || [...this.sides.values()].includes(port)) {
      return Promise.reject(new Error(`Cannot bind UDP port ${port}: taken`));
    }
    let side = 1;
    while (this.sides.has(side)) side++;
    this.sides.set(side, port);
    return Promise.resolve({ side, port });
  }

  closeSide(side: number): void {
    this.sides.delete(side);
  }

  setDestination(destination: number, address: Uint32Array, at: number, port: number, side = 0): void {
    this.#destinations[destination] = { address: formatAddress(address, at), port, side };
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
    const { side, ...to } = this.#destinations[destination];
    this.#queued.push({
      to,
      side,
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
