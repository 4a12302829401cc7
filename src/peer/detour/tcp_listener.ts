import { createServer, type Server, type Socket } from "node:net";
import { type Clock, createLog, formatAddress, parseAddress, type SocketAddress } from "../../base/mod.ts";
import { parseStun } from "../ice/stun.ts";
import { limits } from "../limits.ts";
import type { Candidate } from "../sdp/candidate.ts";
import type { Detour, Detours } from "./detours.ts";
import { framed, rfc4571Frames } from "./stream_frames.ts";

const log = createLog("peer");

/** How long a connection may take to send its first check. */
const FIRST_CHECK_MS = 5000;

export interface IceTcpDeps {
  clock: Clock;
  detours: Detours;
  /** Our passive candidate at this address for the peer of this user name fragment, null when it takes no TCP. */
  candidateFor(ufrag: string, local: SocketAddress): Candidate | null;
}

/** Accepts the TCP connections of ICE (RFC 6544, passive), framed by RFC 4571; each that checks a peer gets a detour. */
export class IceTcpListener {
  readonly #server: Server;
  readonly #connections = new Map<string, Set<IceTcpConnection>>();
  #count = 0;
  #listening = false;

  constructor(readonly deps: IceTcpDeps, readonly bind: string, readonly port: number) {
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.on("error", (error) => {
      log.warn("ICE over TCP is off: its port cannot be opened", { port, error: error.message });
    });
    this.#server.listen({ port, host: bind === "" ? undefined : bind }, () => this.#listening = true);
  }

  get listening(): boolean {
    return this.#listening;
  }

  close(): void {
    this.#listening = false;
    this.#server.close();
    for (const set of [...this.#connections.values()]) for (const each of [...set]) each.end();
  }

  #accept(socket: Socket): void {
    const remote = addressOf(socket.remoteAddress, socket.remotePort);
    const local = addressOf(socket.localAddress, socket.localPort);
    const others = remote && this.#connections.get(remote.address);
    const full = this.#count >= limits.tcpConnections ||
      (others?.size ?? 0) >= limits.tcpConnectionsPerAddress;
    if (!remote || !local || full) return void socket.destroy();
    const siblings = others ?? new Set();
    this.#connections.set(remote.address, siblings);
    this.#count++;
    const connection = new IceTcpConnection(this.deps, socket, remote, local, () => {
      this.#count--;
      siblings.delete(connection);
      if (siblings.size === 0) this.#connections.delete(remote.address);
    });
    siblings.add(connection);
  }
}

/**
 *   silent ──(check of a known peer)──► opening ──► open ──► ended      (each ──► ended)
 */
class IceTcpConnection {
  #state: "silent" | "opening" | "open" | "ended" = "silent";
  #detour: Detour | null = null;
  readonly #early: Uint8Array[] = [];
  readonly #frames = rfc4571Frames(limits.detourPacketBytes);

  constructor(
    readonly deps: IceTcpDeps,
    readonly socket: Socket,
    readonly remote: SocketAddress,
    readonly local: SocketAddress,
    readonly left: () => void,
  ) {
    socket.setNoDelay(true);
    const timer = deps.clock.after(FIRST_CHECK_MS, () => this.#state === "silent" && this.end());
    socket.on("data", (chunk: Uint8Array) => {
      // A plain array: `slice` of a Buffer would be no copy.
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      if (!this.#frames.push(bytes, (packet) => this.#take(packet.subarray(2)))) this.end();
    });
    socket.on("error", () => this.end());
    socket.on("close", () => {
      timer.cancel();
      this.end();
    });
  }

  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.socket.destroy();
    this.#detour?.cut();
    this.left();
  }

  #take(packet: Uint8Array): void {
    if (this.#state === "open") return this.#detour!.enter(packet.slice());
    if (this.#state === "ended") return;
    if (this.#state === "silent" && !this.#begin(packet)) return this.end();
    if (this.#early.length < limits.earlyDatagrams) this.#early.push(packet.slice());
  }

  /** False unless the packet is a check for a peer that takes TCP. */
  #begin(packet: Uint8Array): boolean {
    const message = parseStun(packet);
    if (message?.kind !== "request" || message.integrityAt < 0) return false;
    const candidate = this.deps.candidateFor((message.username ?? "").split(":", 1)[0], this.local);
    if (!candidate) return false;
    this.#state = "opening";
    void this.#open(candidate);
    return true;
  }

  async #open(local: Candidate): Promise<void> {
    const detour = await this.deps.detours.open({
      remote: this.remote,
      local,
      send: (bytes) => this.#send(bytes),
      released: () => this.end(),
    });
    if (!detour) return this.end();
    if (this.#state === "ended") return detour.close();
    this.#detour = detour;
    this.#state = "open";
    for (const packet of this.#early.splice(0)) detour.enter(packet);
  }

  /** A client that takes less than it is sent would get its media later and later: it goes. */
  #send(bytes: Uint8Array): void {
    if (this.#state === "ended") return;
    if (this.socket.writableLength > limits.tcpBacklogBytes) return this.end();
    this.socket.write(framed(bytes));
  }
}

/** In the form of the house, v4-mapped addresses as IPv4. */
function addressOf(address: string | undefined, port: number | undefined): SocketAddress | null {
  const words = new Uint32Array(4);
  if (!address || !port || !parseAddress(address, words)) return null;
  return { address: formatAddress(words), port };
}
