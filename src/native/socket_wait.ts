import { systemClock } from "../base/mod.ts";
import { type Libc, linux, pollfd } from "./libc.ts";
import { allocate } from "./memory.ts";
import type { Memory } from "./types.ts";

/** Where a wait of the pool ends sooner than this, what comes next is gathered. */
const BUSY_MS = 2;
/** How long datagrams are gathered for one turn, as short as `poll` and timers can. */
const GATHER_MS = 1;
/** For so long the thread is held before its other work, messages and timers, has its turn. */
const HELD_MS = 4;
const RESOLVED = Promise.resolve();

/**
 * Waits for a socket on a thread of Deno's pool. An eventfd beside the socket ends a wait at once, and both descriptors
 * are closed only when no `poll` looks at them: a number closed under a poll could come back as someone else's file.
 *
 * To be woken for a datagram and to take it costs 60 to 100 µs of processor time. Where hundreds of publishers send,
 * each at a moment of its own, that is most of the cost: so with `gathers`, while datagrams come faster than they are
 * waited for, the thread sleeps a millisecond and takes what has come meanwhile. Every few of these sleeps are a timer
 * in place of a call that holds the thread. Nothing shorter will do: Deno's loop looks for timers that are due only
 * when it has nothing at hand, and a `poll` that ends at once would always be at hand.
 */
export class SocketWait {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #wakeFd: number;
  readonly #pollfds: Memory;
  #watched = 2n;
  #also = -1;
  readonly #pollfdsAddress: bigint;
  #pending: Promise<void> | null = null;
  #closed = false;
  readonly #gathers: boolean;
  #isBusy = false;
  #askedMs = 0;
  /** When the thread's other work had its turn. */
  #turnMs = 0;
  readonly #settled = (ready: number) => {
    this.#pending = null;
    this.#turnMs = systemClock.now();
    this.#isBusy = this.#gathers && ready > 0 && this.#turnMs - this.#askedMs < BUSY_MS;
    if (this.#closed) this.#release();
  };
  readonly #gathered = () => {
    this.#pending = null;
    this.#turnMs = systemClock.now();
    if (this.#closed) this.#release();
    else this.#isBusy = this.#isReady();
  };

  constructor(libc: Libc, fd: number, gathers: boolean) {
    this.#libc = libc;
    this.#gathers = gathers;
    this.#fd = fd;
    this.#wakeFd = libc.calls.eventfd(0, linux.EFD_CLOEXEC | linux.EFD_NONBLOCK);
    this.#pollfds = allocate(3 * pollfd.bytes);
    this.#pollfdsAddress = BigInt(this.#pollfds.address);
    this.#watch(0, fd);
    this.#watch(1, this.#wakeFd);
  }

  /** Waits, from the next wait on, for another descriptor too, and closes it in the end. */
  watchAlso(fd: number): void {
    this.#also = fd;
    this.#watch(2, fd);
    this.#watched = 3n;
  }

  /** See UdpPort.wait; a second call during a wait shares it. */
  wait(timeoutMs: number): Promise<void> {
    if (this.#closed) return RESOLVED;
    if (this.#pending !== null) return this.#pending;
    const nowMs = systemClock.now();
    if (this.#isBusy && nowMs - this.#turnMs > HELD_MS) return this.#pending = this.#gatherApart();
    if (this.#isBusy && this.#gatherHere()) return RESOLVED;
    this.#askedMs = nowMs;
    const wholeMs = Math.max(0, Math.ceil(timeoutMs));
    return this.#pending = this.#libc.calls.poll(this.#pollfdsAddress, this.#watched, wholeMs)
      .then(this.#settled);
  }

  /** Ends a pending wait and closes the socket, now or as soon as that wait is over. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pending === null) return this.#release();
    this.#libc.calls.write(this.#wakeFd, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8n);
  }

  /** Holds the thread. True when something came meanwhile. */
  #gatherHere(): boolean {
    this.#libc.calls.pollHere(this.#pollfdsAddress + BigInt(pollfd.bytes), 1n, GATHER_MS);
    this.#isBusy = this.#isReady();
    return this.#isBusy;
  }

  /** Leaves the thread to its other work meanwhile. */
  #gatherApart(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    systemClock.after(GATHER_MS, resolve);
    return promise.then(this.#gathered);
  }

  #isReady(): boolean {
    return this.#libc.calls.pollHere(this.#pollfdsAddress, this.#watched, 0) > 0;
  }

  #watch(index: number, fd: number): void {
    const view = new DataView(this.#pollfds.bytes.buffer);
    view.setInt32(index * pollfd.bytes + pollfd.fd, fd, true);
    view.setInt16(index * pollfd.bytes + pollfd.events, linux.POLLIN, true);
  }

  #release(): void {
    this.#libc.calls.close(this.#fd);
    this.#libc.calls.close(this.#wakeFd);
    if (this.#also >= 0) this.#libc.calls.close(this.#also);
  }
}
