import type { Libc } from "./libc.ts";
import { ReceiveRing } from "./receive_ring.ts";
import { SendQueue } from "./send_queue.ts";
import { SocketWait } from "./socket_wait.ts";
import type { Memory, UdpOptions, UdpPort } from "./types.ts";
import { newCounters } from "./udp_counters.ts";
import { openUdpSocket, type UdpSocket } from "./udp_socket.ts";

/** Opens a UDP port on the C library: `poll`, `recvmmsg`, `sendmmsg` with UDP GSO. */
export function openLibcUdp(libc: Libc, options: UdpOptions): UdpPort {
  return new LibcUdpPort(libc, openUdpSocket(libc, options.bind, options.port), options);
}

class LibcUdpPort implements UdpPort {
  readonly kind = "libc";
  readonly localPort: number;
  readonly family: "dual" | "ipv4";
  readonly ring: Memory;
  readonly slotCount: number;
  readonly slotLength: Int32Array;
  readonly slotAddress: Uint32Array;
  readonly slotPort: Uint16Array;
  readonly slotTimeMs: Float64Array;
  readonly destinationCount: number;
  readonly egress: Memory;
  readonly counters = newCounters();
  readonly #receiving: ReceiveRing;
  readonly #sending: SendQueue;
  readonly #waiting: SocketWait;
  #closed = false;

  constructor(libc: Libc, socket: UdpSocket, options: UdpOptions) {
    const { fd, nameBytes, segmentation } = socket;
    const { egressSlotCount, destinationCount } = options;
    const sendOptions = { fd, nameBytes, segmentation, egressSlotCount, destinationCount };
    this.localPort = socket.port;
    this.family = socket.family;
    this.#receiving = new ReceiveRing(libc, fd, nameBytes, options.slotCount, this.counters);
    this.#sending = new SendQueue(libc, sendOptions, this.counters);
    this.#waiting = new SocketWait(libc, fd);
    this.ring = this.#receiving.ring;
    this.slotCount = this.#receiving.slotCount;
    this.slotLength = this.#receiving.slotLength;
    this.slotAddress = this.#receiving.slotAddress;
    this.slotPort = this.#receiving.slotPort;
    this.slotTimeMs = this.#receiving.slotTimeMs;
    this.egress = this.#sending.egress;
    this.destinationCount = destinationCount;
  }

  get firstSlot(): number {
    return this.#receiving.firstSlot;
  }

  wait(timeoutMs: number): Promise<void> {
    return this.#waiting.wait(timeoutMs);
  }

  // After `close` the descriptor's number may belong to another file: nothing may touch it any more.
  receive(): number {
    return this.#closed ? 0 : this.#receiving.receive();
  }

  setDestination(destination: number, address: Uint32Array, at: number, port: number): void {
    this.#sending.setDestination(destination, address, at, port);
  }

  setDscp(destination: number, dscp: number): boolean {
    return this.#sending.setDscp(destination, dscp);
  }

  nextEgress(): number {
    return this.#closed ? 0 : this.#sending.nextEgress();
  }

  push(destination: number, offset: number, length: number): void {
    if (!this.#closed) this.#sending.push(destination, offset, length);
  }

  flush(): void {
    if (!this.#closed) this.#sending.flush();
  }

  close(): void {
    this.#closed = true;
    this.#waiting.close();
  }
}
