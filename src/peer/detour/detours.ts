import { type Clock, createLog, type SocketAddress } from "../../base/mod.ts";
import { openUdpConversation, type UdpConversation } from "../../native/mod.ts";
import { addressKey } from "../ice/pair.ts";
import { limits } from "../limits.ts";
import type { Candidate } from "../sdp/candidate.ts";

const log = createLog("peer");

/** The end of a detour that is not the plane. */
export interface FarSide {
  /** Where the other side really is. */
  readonly remote: SocketAddress;
  /** Our candidate that it talks to. */
  readonly local: Candidate;
  /** One datagram from the plane to the other side. The bytes are the callee's. */
  send(bytes: Uint8Array): void;
  /** Nobody needs the detour any more. */
  released(): void;
}

/** How long a detour stays open while nobody has claimed it. */
const UNCLAIMED_MS = 10_000;

/**
 * A UDP socket on this machine that stands for a remote side which the plane's port cannot talk to by itself: one behind
 * our TURN relay, at the other end of a TCP connection, or on this very port. To the plane it is an address like any other.
 *
 *   open ──(far side gone)──► cut ──(last holder drops)──► closed
 *     └───────(last holder drops, or nobody came)───────────►
 *
 * A detour that is cut keeps its port: another one there would be taken for the old remote side.
 */
export class Detour {
  #socket: UdpConversation | null = null;
  #state: "open" | "cut" | "closed" = "open";
  readonly #holders = new Set<object>();

  constructor(readonly far: FarSide, readonly forget: (detour: Detour) => void) {}

  /** Where the plane sees it. */
  get address(): SocketAddress {
    return this.#socket!.local;
  }
  get held(): boolean {
    return this.#holders.size > 0;
  }
  get isOpen(): boolean {
    return this.#state === "open";
  }

  async connect(plane: SocketAddress): Promise<void> {
    this.#socket = await openUdpConversation(plane.address, plane, (bytes) => {
      if (this.#state === "open") this.far.send(bytes);
    });
    if (!this.isOpen) this.#socket.close();
  }

  /** A datagram of the remote side, on to the plane; what the plane has no room for is dropped. */
  enter(bytes: Uint8Array): void {
    if (this.#state === "open" && bytes.length <= limits.detourPacketBytes) this.#socket?.send(bytes);
  }

  hold(holder: object): void {
    this.#holders.add(holder);
  }

  drop(holder: object): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.close();
  }

  isHeldByOther(holder: object): boolean {
    return this.held && !this.#holders.has(holder);
  }

  /** The far side is gone. */
  cut(): void {
    if (this.#state !== "open") return;
    if (!this.held) return this.close();
    this.#state = "cut";
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#socket?.close();
    this.forget(this);
    this.far.released();
  }
}

/** All detours beside one plane. */
export class Detours {
  readonly #byAddress = new Map<string, Detour>();
  readonly #plane: SocketAddress;

  /** `bind` is the address that the plane is bound to, "" for every one. */
  constructor(readonly clock: Clock, bind: string, port: number) {
    const everywhere = bind === "" || bind === "::" || bind === "0.0.0.0";
    this.#plane = { address: everywhere ? "127.0.0.1" : bind, port };
  }

  /** The detour whose socket has this address. */
  at(address: SocketAddress): Detour | undefined {
    return this.#byAddress.get(addressKey(address));
  }

  /** Opens one; it closes by itself when nobody holds it in time. Null when the system gives no more sockets. */
  async open(far: FarSide): Promise<Detour | null> {
    const detour = new Detour(far, (each) => this.#byAddress.delete(addressKey(each.address)));
    try {
      await detour.connect(this.#plane);
    } catch (error) {
      log.warn("a way round the plane's port could not be opened", { error });
      return null;
    }
    this.#byAddress.set(addressKey(detour.address), detour);
    this.clock.after(UNCLAIMED_MS, () => detour.held || detour.close());
    return detour;
  }

  /**
   * Two that lead into one another: peers on one port would have one address for both sides, so nothing but STUN would
   * tell whose a datagram is. Gives the one; the other peer learns of its end by the first check. `local` is a candidate
   * of both. Null when the system gives no more sockets.
   */
  async loop(local: Candidate): Promise<Detour | null> {
    const remote = { address: local.address, port: local.port };
    const ends: (Detour | null)[] = [];
    for (const other of [1, 0]) {
      const end = await this.open({
        remote,
        local,
        send: (bytes) => ends[other]?.enter(bytes),
        released: () => ends[other]?.cut(),
      });
      ends.push(end);
    }
    const [near, far] = ends;
    if (near && far) return near;
    near?.close();
    far?.close();
    return null;
  }

  close(): void {
    for (const detour of [...this.#byAddress.values()]) detour.close();
  }
}
