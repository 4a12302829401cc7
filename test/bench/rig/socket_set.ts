import { type Memory, openNative, SLOT_BYTES } from "../../../src/native/mod.ts";
import {
  AF_INET,
  calls,
  EPOLL_CTL_ADD,
  EPOLLIN,
  MSG_DONTWAIT,
  realTimeUs,
  SO_RCVBUFFORCE,
  SO_TIMESTAMPNS,
  SOCK_DGRAM_NONBLOCK,
  socketAddress,
  SOL_SOCKET,
} from "./libc.ts";

const BATCH = 64;
const READY = 256;
const MMSGHDR_BYTES = 64;
/** CMSG_SPACE of a `struct timespec`, and where that lies in it. */
const CONTROL_BYTES = 32;
const CONTROL_TYPE = 12;
const CONTROL_SECONDS = 16;
const CONTROL_NANOSECONDS = 24;
/** `struct epoll_event` is packed on x86_64 alone. */
const EVENT_BYTES = Deno.build.arch === "x86_64" ? 12 : 16;
const EVENT_DATA = EVENT_BYTES - 8;
/** A generator that sleeps for a scheduler's turn must not be what loses packets. */
const RECEIVE_BUFFER_BYTES = 2 << 20;

/** Takes what one socket received: `count` datagrams in slots of SLOT_BYTES. */
export type Receive = (index: number, count: number) => void;

/**
 * Thousands of UDP sockets, each its own 5-tuple as a real viewer's, behind one epoll in one thread. All receive into
 * the same 64 slots, one socket at a time.
 */
export class SocketSet {
  readonly slots: Memory;
  /** By slot, bytes of the datagram. */
  readonly length = new Int32Array(BATCH);
  /**
   * By slot, when the datagram came into this machine's network, as the kernel says: that the generator reads late is no
   * latency of the server.
   */
  readonly arrivedUs = new Float64Array(BATCH);
  readonly #receive: Receive;
  readonly #epoll = calls.epoll_create1(0);
  readonly #fds: number[] = [];
  readonly #names = new Uint8Array(new ArrayBuffer(BATCH * 16));
  readonly #headers = new Uint8Array(new ArrayBuffer(BATCH * MMSGHDR_BYTES));
  readonly #headerWords = new Uint32Array(this.#headers.buffer);
  readonly #iovecs = new Uint8Array(new ArrayBuffer(BATCH * 16));
  readonly #controls = new Uint8Array(new ArrayBuffer(BATCH * CONTROL_BYTES));
  readonly #controlView = new DataView(this.#controls.buffer);
  readonly #ready = new Uint8Array(new ArrayBuffer(READY * EVENT_BYTES));
  readonly #readyView = new DataView(this.#ready.buffer);

  constructor(receive: Receive) {
    this.#receive = receive;
    this.slots = openNative("ffi").memory(BATCH * SLOT_BYTES);
    const iovecs = new BigUint64Array(this.#iovecs.buffer);
    const headers = new BigUint64Array(this.#headers.buffer);
    for (let slot = 0; slot < BATCH; slot++) {
      iovecs[slot * 2] = BigInt(this.slots.address + slot * SLOT_BYTES);
      iovecs[slot * 2 + 1] = BigInt(SLOT_BYTES);
      headers[slot * 8] = addressOf(this.#names) + BigInt(slot * 16);
      headers[slot * 8 + 1] = 16n;
      headers[slot * 8 + 2] = addressOf(this.#iovecs) + BigInt(slot * 16);
      headers[slot * 8 + 3] = 1n;
      headers[slot * 8 + 4] = addressOf(this.#controls) + BigInt(slot * CONTROL_BYTES);
    }
  }

  /** Opens the next socket on `address`; returns its index and port. */
  open(address: string): { index: number; port: number } {
    const fd = calls.socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0);
    const name = socketAddress(address, 0);
    if (fd < 0 || calls.bind(fd, name, name.length) !== 0) {
      throw new Error(`Cannot open socket ${this.#fds.length} on ${address}, raise ulimit -n`);
    }
    const size = new Uint8Array(new Int32Array([RECEIVE_BUFFER_BYTES]).buffer);
    calls.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 4);
    calls.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, new Uint8Array(new Int32Array([1]).buffer), 4);
    calls.getsockname(fd, name, new Uint8Array(new Uint32Array([16]).buffer));
    const index = this.#fds.push(fd) - 1;
    const event = new DataView(new ArrayBuffer(EVENT_BYTES));
    event.setUint32(0, EPOLLIN, true);
    event.setUint32(EVENT_DATA, index, true);
    calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, new Uint8Array(event.buffer));
    return { index, port: new DataView(name.buffer).getUint16(2, false) };
  }

  /** Sends `length` bytes at a machine address; a full socket buffer drops them. */
  send(index: number, address: bigint, length: bigint, to: Uint8Array<ArrayBuffer>): void {
    calls.sendto(this.#fds[index], address, length, MSG_DONTWAIT, to, 16);
  }

  /** Sender of the datagram in `slot`. */
  from(slot: number): { address: string; port: number } {
    const at = slot * 16;
    const [a, b, c, d] = this.#names.subarray(at + 4, at + 8);
    return { address: `${a}.${b}.${c}.${d}`, port: this.#names[at + 2] * 256 + this.#names[at + 3] };
  }

  /** Waits up to `timeoutMs` (blocking the thread) and hands over one batch of every socket that has something. */
  poll(timeoutMs: number): number {
    const count = calls.epoll_wait(this.#epoll, this.#ready, READY, timeoutMs);
    for (let i = 0; i < count; i++) {
      this.#drain(this.#readyView.getUint32(i * EVENT_BYTES + EVENT_DATA, true));
    }
    return Math.max(0, count);
  }

  close(index: number): void {
    calls.close(this.#fds[index]);
  }

  #drain(index: number): void {
    for (let slot = 0; slot < BATCH; slot++) {
      this.#headerWords[slot * 16 + 2] = 16;
      this.#headerWords[slot * 16 + 10] = CONTROL_BYTES;
    }
    const count = calls.recvmmsg(this.#fds[index], this.#headers, BATCH, MSG_DONTWAIT, 0n);
    if (count <= 0) return;
    for (let slot = 0; slot < count; slot++) {
      this.length[slot] = this.#headerWords[slot * 16 + 14];
      this.arrivedUs[slot] = this.#arrivalOf(slot);
    }
    this.#receive(index, count);
  }

  #arrivalOf(slot: number): number {
    const at = slot * CONTROL_BYTES;
    const isTold = this.#headerWords[slot * 16 + 10] === CONTROL_BYTES &&
      this.#controlView.getInt32(at + CONTROL_TYPE, true) === SO_TIMESTAMPNS;
    if (!isTold) return realTimeUs();
    return this.#controlView.getUint32(at + CONTROL_SECONDS, true) * 1e6 +
      this.#controlView.getUint32(at + CONTROL_NANOSECONDS, true) / 1000;
  }
}

function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}
