import type { Libc } from "./libc.ts";
import { ReceiveRing } from "./receive_ring.ts";
import { SendQueue } from "./send_queue.ts";
import { SideSockets } from "./side_sockets.ts";
import { SocketWait } from "./socket_wait.ts";
import type { Memory, SidePort, UdpOptions, UdpPort } from "./types.ts";
import { newCounters } from "./udp_counters.ts";
import { openUdpSocket, type UdpSocket } from "./udp_socket.ts";
import { AppError } from "../base/mod.ts";

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
  readonly slotSide: Uint16Array;
  readonly destinationCount: number;
  readonly egress: Memory;
  readonly counters = newCounters();
  readonly #libc: Libc;
  readonly #bind: string;
  readonly #fd: number;
  readonly #receiving: ReceiveRing;
  readonly #sending: SendQueue;
  readonly #waiting: SocketWait;
  /** Null until the first side is opened. */
  #sides: SideSockets | null = null;
  #sidesFirst = false;
  #closed = false;

  constructor(libc: Libc, socket: UdpSocket, options: UdpOptions) {
    const { fd, nameBytes, segmentation } = socket;
    const { egressSlotCount, destinationCount } = options;
    const sendOptions = { fd, nameBytes, segmentation, egressSlotCount, destinationCount };
    this.localPort = socket.port;
    this.family = socket.family;
    this.#libc = libc;
    this.#bind = options.bind;
    this.#fd = fd;
    this.#receiving = new ReceiveRing(libc, nameBytes, options, this.counters);
    this.#sending = new SendQueue(libc, sendOptions, this.counters);
    this.#waiting = new SocketWait(libc, fd, options.gathers ?? false);
    this.ring = this.#receiving.ring;
    this.slotCount = this.#receiving.slotCount;
    this.slotLength = this.#receiving.slotLength;
    this.slotAddress = this.#receiving.slotAddress;
    this.slotPort = this.#receiving.slotPort;
    this.slotTimeMs = this.#receiving.slotTimeMs;
    this.slotSide = this.#receiving.slotSide;
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
    if (this.#closed) return 0;
    const sides = this.#sides;
    if (sides === null || sides.count === 0) return this.#receiving.receive(this.#fd, 0);
    // By turns, so that a flood at one does not starve the other.
    this.#sidesFirst = !this.#sidesFirst;
    if (this.#sidesFirst) return sides.receive(this.#receiving) || this.#receiving.receive(this.#fd, 0);
    return this.#receiving.receive(this.#fd, 0) || sides.receive(this.#receiving);
  }

  async openSide(port: number): Promise<SidePort> {
    if (this.#closed) throw noSide(port, "the shared port is closed");
    const sides = this.#sides ?? this.#openSides();
    const opened = sides.open(openUdpSocket(this.#libc, this.#bind, port));
    if (opened === null) throw noSide(port, "the system watches no more sockets for this process");
    this.#sending.setSide(opened.side, sides.fdOf(opened.side));
    return opened;
  }

  closeSide(side: number): void {
    if (this.#sides?.close(side)) this.#sending.setSide(side, -1);
  }

  setDestination(destination: number, address: Uint32Array, at: number, port: number, side = 0): void {
    this.#sending.setDestination(destination, address, at, port, side);
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
    if (this.#closed) return;
    this.#closed = true;
    // The descriptor that watches them closes when no wait looks at it any more.
    this.#sides?.closeAll();
    this.#waiting.close();
  }

  #openSides(): SideSockets {
    this.#sides = new SideSockets(this.#libc);
    this.#waiting.watchAlso(this.#sides.watchFd);
    return this.#sides;
  }
}

function noSide(port: number, found: string): AppError {
  const wanted = "vs one more UDP socket, close some others";
  return new AppError("unavailable", `Cannot bind UDP port ${port}: ${found} ${wanted}`);
}
