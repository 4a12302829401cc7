import { type Libc, linux, pollfd } from "./libc.ts";
import { allocate } from "./memory.ts";
import type { Memory } from "./types.ts";

/**
 * Waits for a socket on a thread of Deno's pool. An eventfd beside the socket ends a wait at once, and both descriptors
 * are closed only when no `poll` looks at them: a number closed under a poll could come back as someone else's file.
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
  readonly #settled = () => {
    this.#pending = null;
    if (this.#closed) this.#release();
  };

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
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
    if (this.#closed) return Promise.resolve();
    const wholeMs = Math.max(0, Math.ceil(timeoutMs));
    this.#pending ??= this.#libc.calls.poll(this.#pollfdsAddress, this.#watched, wholeMs).then(this.#settled);
    return this.#pending;
  }

  /** Ends a pending wait and closes the socket, now or as soon as that wait is over. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pending === null) return this.#release();
    this.#libc.calls.write(this.#wakeFd, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8n);
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
