// hot
import { AddressWords } from "./address_words.ts";
import { iovec, type Libc, type LibcCalls, linux, mmsghdr, sockaddr, timeCmsg } from "./libc.ts";
import { allocate, writeAddress } from "./memory.ts";
import { type Memory, SLOT_BYTES, type UdpCounters, type UdpOptions } from "./types.ts";

/** Datagrams per system call: enough that its cost is spread, few enough that the batch stays in the L2 cache. */
export const BATCH = 64;

/**
 * The receive side of a socket. Every slot of the ring has its `mmsghdr`, `iovec` and `sockaddr`, written once;
 * a batch is a run of neighbouring headers, so nothing is built per packet.
 */
export class ReceiveRing {
  readonly ring: Memory;
  readonly slotCount: number;
  readonly slotLength: Int32Array;
  readonly slotAddress: Uint32Array;
  readonly slotPort: Uint16Array;
  readonly slotTimeMs: Float64Array;
  readonly slotSide: Uint16Array;
  firstSlot = 0;
  /** Where the next datagram goes. */
  nextSlot = 0;

  readonly #recvmmsg: LibcCalls["recvmmsg"];
  readonly #counters: UdpCounters;
  readonly #addresses: Memory;
  readonly #addressView: DataView;
  readonly #controls: Memory;
  readonly #controlView: DataView;
  readonly #headers: Memory;
  readonly #headerView: DataView;
  readonly #iovecs: Memory;
  readonly #iovecView: DataView;
  readonly #nameBytes: number;
  readonly #words = new AddressWords(1);

  constructor(
    libc: Libc,
    nameBytes: number,
    { slotCount, spareSlotCount = 0 }: UdpOptions,
    counters: UdpCounters,
  ) {
    this.#recvmmsg = libc.calls.recvmmsg;
    this.#nameBytes = nameBytes;
    this.#counters = counters;
    this.slotCount = slotCount;
    this.ring = allocate((slotCount + spareSlotCount) * SLOT_BYTES);
    this.slotLength = new Int32Array(slotCount);
    this.slotAddress = new Uint32Array(slotCount * 4);
    this.slotPort = new Uint16Array(slotCount);
    this.slotTimeMs = new Float64Array(slotCount);
    this.slotSide = new Uint16Array(slotCount);
    this.#controls = allocate(slotCount * timeCmsg.space);
    this.#controlView = new DataView(this.#controls.bytes.buffer);
    this.#addresses = allocate(slotCount * sockaddr.stride);
    this.#addressView = new DataView(this.#addresses.bytes.buffer);
    this.#iovecs = allocate(slotCount * iovec.bytes);
    this.#iovecView = new DataView(this.#iovecs.bytes.buffer);
    this.#headers = allocate(slotCount * mmsghdr.bytes);
    this.#headerView = new DataView(this.#headers.bytes.buffer);
    this.#writeTables();
  }

  /** Takes at most one batch off a socket, `side` 0 for the shared one; see UdpPort.receive. */
  receive(fd: number, side: number, most = BATCH): number {
    const first = this.nextSlot;
    const wanted = Math.min(most, this.slotCount - first);
    for (let slot = first; slot < first + wanted; slot++) {
      // The kernel has put the lengths of the last sender's address and of its control data here.
      const header = slot * mmsghdr.bytes;
      this.#headerView.setUint32(header + mmsghdr.nameLength, this.#nameBytes, true);
      this.#headerView.setUint32(header + mmsghdr.controlLength, timeCmsg.space, true);
    }
    this.#words.set(0, this.#headers.address + first * mmsghdr.bytes);
    // Any failure (nothing there, a signal, an ICMP error kept for us) reads as nothing; the next wait tells.
    const count = this.#recvmmsg(fd, this.#words.at[0], wanted, linux.MSG_DONTWAIT, 0n);
    if (count <= 0) return 0;
    this.firstSlot = first;
    for (let slot = first; slot < first + count; slot++) this.#take(slot, side);
    this.nextSlot = (first + count) % this.slotCount;
    return count;
  }

  #take(slot: number, side: number): void {
    this.slotSide[slot] = side;
    const header = slot * mmsghdr.bytes;
    const length = this.#headerView.getUint32(header + mmsghdr.length, true);
    const truncated = (this.#headerView.getInt32(header + mmsghdr.flags, true) & linux.MSG_TRUNC) !== 0;
    this.slotLength[slot] = truncated ? 0 : length;
    if (truncated) this.#counters.packetsTruncated++;
    this.#counters.packetsReceived++;
    this.#counters.bytesReceived += length;
    this.#takeAddress(slot);
    this.#takeTime(slot, this.#headerView.getUint32(header + mmsghdr.controlLength, true));
  }

  #takeTime(slot: number, controlLength: number): void {
    const at = slot * timeCmsg.space;
    const view = this.#controlView;
    const isTold = controlLength === timeCmsg.space &&
      view.getInt32(at + timeCmsg.type, true) === linux.SO_TIMESTAMPNS;
    // Seconds since 1970 fit the lower word until 2106.
    this.slotTimeMs[slot] = isTold
      ? view.getUint32(at + timeCmsg.seconds, true) * 1000 +
        view.getUint32(at + timeCmsg.nanoseconds, true) / 1e6
      : 0;
  }

  #takeAddress(slot: number): void {
    const at = slot * sockaddr.stride;
    const word = slot * 4;
    const view = this.#addressView;
    this.slotPort[slot] = view.getUint16(at + sockaddr.port, false);
    if (this.#nameBytes === sockaddr.v4Bytes) {
      this.slotAddress[word] = 0;
      this.slotAddress[word + 1] = 0;
      this.slotAddress[word + 2] = 0xffff;
      this.slotAddress[word + 3] = view.getUint32(at + sockaddr.v4Address, false);
      return;
    }
    for (let i = 0; i < 4; i++) {
      this.slotAddress[word + i] = view.getUint32(at + sockaddr.v6Address + 4 * i, false);
    }
  }

  #writeTables(): void {
    const iovecView = this.#iovecView;
    for (let slot = 0; slot < this.slotCount; slot++) {
      const header = slot * mmsghdr.bytes;
      writeAddress(iovecView, slot * iovec.bytes + iovec.base, this.ring.address + slot * SLOT_BYTES);
      iovecView.setUint32(slot * iovec.bytes + iovec.length, SLOT_BYTES, true);
      writeAddress(this.#headerView, header + mmsghdr.name, this.#addresses.address + slot * sockaddr.stride);
      writeAddress(this.#headerView, header + mmsghdr.iovecs, this.#iovecs.address + slot * iovec.bytes);
      this.#headerView.setUint32(header + mmsghdr.iovecCount, 1, true);
      writeAddress(
        this.#headerView,
        header + mmsghdr.control,
        this.#controls.address + slot * timeCmsg.space,
      );
    }
  }
}
