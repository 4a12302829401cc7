// hot
import { AddressWords } from "./address_words.ts";
import { epollEvent, type Libc, linux } from "./libc.ts";
import { allocate } from "./memory.ts";
import { BATCH, type ReceiveRing } from "./receive_ring.ts";
import type { Memory, SidePort } from "./types.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** Sides looked at per call; those beyond have their turn with the next. */
const MAX_READY = 64;
/** Numbers stand in 16 bits per slot. */
const MAX_SIDES = 65_535;

/**
 * The sockets beside a shared one. One epoll descriptor watches them all, so that waiting costs the same for a thousand
 * as for one, and asking which have something is one system call.
 */
export class SideSockets {
  /** Readable while any side is. Whoever waits for it closes it. */
  readonly watchFd: number;
  count = 0;
  readonly #libc: Libc;
  /** By side; -1 where none is open. Number 0 is the shared socket's. */
  readonly #fds: number[];
  readonly #events: Memory;
  readonly #eventView: DataView;
  readonly #words = new AddressWords(1);
  #ready = 0;
  #next = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fds = new Array<number>();
    this.#fds.push(-1);
    this.watchFd = libc.calls.epoll_create1(linux.EPOLL_CLOEXEC);
    this.#events = allocate(MAX_READY * epollEvent.bytes);
    this.#eventView = new DataView(this.#events.bytes.buffer);
    this.#words.set(0, this.#events.address);
  }

  /** Takes an open socket in; null, and the socket is closed, when it cannot be watched or there are too many. */
  open(socket: UdpSocket): SidePort | null {
    const free = this.#fds.indexOf(-1, 1);
    const side = free < 0 ? this.#fds.length : free;
    const event = new Uint8Array(epollEvent.bytes);
    const view = new DataView(event.buffer);
    view.setUint32(epollEvent.events, linux.EPOLLIN, true);
    view.setUint32(epollEvent.data, side, true);
    const { calls } = this.#libc;
    if (
      side > MAX_SIDES || calls.epoll_ctl(this.watchFd, linux.EPOLL_CTL_ADD, socket.fd, event) !== 0
    ) {
      calls.close(socket.fd);
      return null;
    }
    this.#fds[side] = socket.fd;
    this.count++;
    return { side, port: socket.port };
  }

  fdOf(side: number): number {
    return this.#fds[side];
  }

  /** Closes a side's socket, which takes it out of the watch too; false when it is not open. */
  close(side: number): boolean {
    const fd = this.#fds[side] ?? -1;
    if (fd < 0) return false;
    this.#libc.calls.close(fd);
    this.#fds[side] = -1;
    this.count--;
    return true;
  }

  /** Closes every side, and leaves `watchFd` to whoever waits for it. */
  closeAll(): void {
    for (let side = 1; side < this.#fds.length; side++) this.close(side);
  }

  /** Takes at most one batch of what is there at all sides together, each in its turn; see UdpPort.receive. */
  receive(ring: ReceiveRing): number {
    if (this.#next === this.#ready && !this.#look()) return 0;
    const first = ring.nextSlot;
    let count = 0;
    while (this.#next < this.#ready && count < BATCH && first + count < ring.slotCount) {
      const at = this.#next++ * epollEvent.bytes + epollEvent.data;
      const side = this.#eventView.getUint32(at, true);
      const fd = this.#fds[side];
      if (fd >= 0) count += ring.receive(fd, side, BATCH - count);
    }
    ring.firstSlot = first;
    return count;
  }

  #look(): boolean {
    this.#next = 0;
    const found = this.#libc.calls.epoll_wait(this.watchFd, this.#words.at[0], MAX_READY, 0);
    this.#ready = Math.max(0, found);
    return this.#ready > 0;
  }
}
