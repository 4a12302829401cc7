import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { AppError, formatAddress, parseAddress, systemClock } from "../base/mod.ts";
import { newCounters } from "./udp_counters.ts";
import { OrderedSender } from "./ordered_sender.ts";
import { type Memory, type SidePort, SLOT_BYTES, type UdpOptions, type UdpPort } from "./types.ts";

/** Wanted of the system for what waits to be received, and to be sent. */
const BUFFER_BYTES = 4 << 20;
/** Datagrams that one `receive` takes at most, as in the other twin. */
const BATCH = 64;

interface Datagram {
  bytes: Uint8Array;
  from: RemoteInfo;
  side: number;
}

interface Destination {
  address: string;
  port: number;
  side: number;
}

/** A socket beside the shared one, and its line of datagrams to send. */
interface Side {
  socket: Socket;
  sender: OrderedSender;
}

type Family = "dual" | "ipv4";
type BindOptions = Pick<UdpOptions, "bind" | "port">;

/** Opens a UDP port on node:dgram, for machines where the C library cannot be called. Allocates per packet. */
export async function openPortableUdp(options: UdpOptions): Promise<UdpPort> {
  const { socket, family } = await bindAnyFamily(options);
  return new PortableUdpPort(socket, family, options);
}

async function bindAnyFamily(options: BindOptions): Promise<{ socket: Socket; family: Family }> {
  const any = options.bind === "" || options.bind === "::";
  if (any || options.bind.includes(":")) {
    try {
      return await bindPort("dual", any ? "::" : options.bind, options.port);
    } catch (error) {
      // A machine without IPv6 still has every IPv4 address.
      if (!any) throw refusal(options, error);
    }
  }
  try {
    return await bindPort("ipv4", any ? "0.0.0.0" : options.bind, options.port);
  } catch (error) {
    throw refusal(options, error);
  }
}

function refusal(options: BindOptions, error: unknown): AppError {
  const found = error instanceof Error ? error.message : String(error);
  const wanted = "vs a free UDP port on an address of this machine, choose another";
  return new AppError(
    "unavailable",
    `Cannot bind UDP port ${options.port} of "${options.bind}": ${found} ${wanted}`,
    {
      internal: error,
    },
  );
}

async function bindPort(
  family: Family,
  address: string,
  port: number,
): Promise<{ socket: Socket; family: Family }> {
  const type = family === "dual" ? "udp6" : "udp4";
  const digits = family === "dual" ? 6 : 4;
  // Destinations are addresses already: the resolver would only cost a turn of the event loop per packet.
  const lookup = (
    host: string,
    _options: unknown,
    done: (error: null, address: string, family: number) => void,
  ) => done(null, host, digits);
  const socket = createSocket({ type, ipv6Only: false, lookup: lookup as never });
  const bound = once(socket, "listening");
  socket.bind(port, address);
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  // The system gives what its limit allows: by default that is twice what it gives unasked.
  socket.setRecvBufferSize(BUFFER_BYTES);
  socket.setSendBufferSize(BUFFER_BYTES);
  return { socket, family };
}

class PortableUdpPort implements UdpPort {
  readonly kind = "portable";
  readonly localPort: number;
  readonly family: Family;
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
  firstSlot = 0;

  readonly #bind: string;
  /** By side, the shared one at 0; holes where one was closed. */
  readonly #sides: (Side | undefined)[];
  readonly #egressSlotCount: number;
  readonly #destinations: (Destination | undefined)[];
  readonly #arrived: Datagram[] = [];
  readonly #queued: { destination: number; bytes: Uint8Array }[] = [];
  #nextSlot = 0;
  #wake: (() => void) | null = null;
  #closed = false;

  constructor(socket: Socket, family: Family, options: UdpOptions) {
    this.#bind = options.bind;
    this.#sides = [this.#listen(socket, 0)];
    this.family = family;
    this.localPort = socket.address().port;
    this.slotCount = options.slotCount;
    const ringSlots = options.slotCount + (options.spareSlotCount ?? 0);
    this.ring = { bytes: new Uint8Array(ringSlots * SLOT_BYTES), address: 0 };
    this.slotLength = new Int32Array(options.slotCount);
    this.slotAddress = new Uint32Array(options.slotCount * 4);
    this.slotPort = new Uint16Array(options.slotCount);
    this.slotTimeMs = new Float64Array(options.slotCount);
    this.slotSide = new Uint16Array(options.slotCount);
    this.destinationCount = options.destinationCount;
    this.#destinations = Array(options.destinationCount);
    this.#egressSlotCount = options.egressSlotCount;
    this.egress = { bytes: new Uint8Array(options.egressSlotCount * SLOT_BYTES), address: 0 };
  }

  wait(timeoutMs: number): Promise<void> {
    if (this.#closed || this.#arrived.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = systemClock.after(timeoutMs, () => this.#wake?.());
      const earlier = this.#wake;
      this.#wake = () => {
        timer.cancel();
        this.#wake = null;
        earlier?.();
        resolve();
      };
    });
  }

  receive(): number {
    const count = Math.min(BATCH, this.slotCount - this.#nextSlot, this.#arrived.length);
    if (count === 0) return 0;
    this.firstSlot = this.#nextSlot;
    this.#arrived.splice(0, count).forEach((datagram, i) => this.#take(this.firstSlot + i, datagram));
    this.#nextSlot = (this.firstSlot + count) % this.slotCount;
    return count;
  }

  async openSide(port: number): Promise<SidePort> {
    const { socket } = await bindAnyFamily({ bind: this.#bind, port });
    if (this.#closed) {
      socket.close();
      throw refusal({ bind: this.#bind, port }, "the shared port is closed");
    }
    const free = this.#sides.indexOf(undefined);
    const side = free < 0 ? this.#sides.length : free;
    this.#sides[side] = this.#listen(socket, side);
    return { side, port: socket.address().port };
  }

  closeSide(side: number): void {
    const open = side > 0 ? this.#sides[side] : undefined;
    if (open === undefined) return;
    this.#sides[side] = undefined;
    open.sender.close();
    open.socket.close();
  }

  setDestination(destination: number, address: Uint32Array, at: number, port: number, side = 0): void {
    const text = formatAddress(address, at);
    const isIPv4 = !text.includes(":");
    if (this.family === "ipv4" && !isIPv4) this.#destinations[destination] = undefined;
    else {this.#destinations[destination] = {
        address: this.family === "dual" && isIPv4 ? `::ffff:${text}` : text,
        port,
        side,
      };}
  }

  // node:dgram has no way to say it.
  setDscp(_destination: number, dscp: number): boolean {
    return dscp === 0;
  }

  nextEgress(): number {
    if (this.#queued.length === this.#egressSlotCount) this.flush();
    return this.#queued.length * SLOT_BYTES;
  }

  push(destination: number, offset: number, length: number): void {
    if (this.#closed) return;
    if (length <= 0 || length > SLOT_BYTES || offset < 0 || offset + length > this.egress.bytes.length) {
      this.counters.packetsUnsent++;
      return;
    }
    if (this.#queued.length === this.#egressSlotCount) this.flush();
    // A copy, because sending goes on after `flush` has given the slot back.
    this.#queued.push({ destination, bytes: this.egress.bytes.slice(offset, offset + length) });
  }

  flush(): void {
    for (const { destination, bytes } of this.#queued) this.#send(this.#destinations[destination], bytes);
    this.#queued.length = 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#arrived.length = 0;
    this.#queued.length = 0;
    for (const side of this.#sides) {
      side?.sender.close();
      side?.socket.close();
    }
    this.#wake?.();
  }

  #listen(socket: Socket, side: number): Side {
    socket.on("message", (bytes, from) => {
      // One that was closed may still have datagrams on their way here.
      if (this.#sides[side]?.socket === socket) this.#arrive({ bytes, from, side });
    });
    // ICMP errors of one destination; the callback of its `send` has counted it.
    socket.on("error", () => {});
    return { socket, sender: new OrderedSender(socket, this.counters) };
  }

  #arrive(datagram: Datagram): void {
    // As full as the ring is long: the system's own buffer would drop here too.
    if (this.#closed || this.#arrived.length >= this.slotCount) return;
    this.#arrived.push(datagram);
    this.#wake?.();
  }

  #take(slot: number, { bytes, from, side }: Datagram): void {
    this.slotSide[slot] = side;
    const truncated = bytes.length > SLOT_BYTES;
    this.counters.packetsReceived++;
    this.counters.bytesReceived += Math.min(bytes.length, SLOT_BYTES);
    if (truncated) this.counters.packetsTruncated++;
    else this.ring.bytes.set(bytes, slot * SLOT_BYTES);
    this.slotLength[slot] = truncated ? 0 : bytes.length;
    parseAddress(from.address, this.slotAddress, slot * 4);
    this.slotPort[slot] = from.port;
  }

  #send(destination: Destination | undefined, bytes: Uint8Array): void {
    const side = destination && this.#sides[destination.side];
    if (side) side.sender.send({ bytes, address: destination.address, port: destination.port });
    else this.counters.packetsUnsent++;
  }
}
