import type { UdpPort } from "../native/mod.ts";
import { ExtensionTable } from "../rtp/mod.ts";
import { AddressTable } from "./address_table.ts";
import type { PlaneEvent } from "./control.ts";
import { Drops } from "./drops.ts";
import { FormatTable } from "./formats.ts";
import { MAX_ADDRESSES_PER_TRANSPORT, MAX_TRANSPORTS } from "./limits.ts";
import { PacketRing } from "./packet_ring.ts";
import type { Sender } from "./sender.ts";
import type { Stream } from "./stream.ts";
import type { Transport } from "./transport.ts";

/** What all parts of one plane share: the port, the ring, the tables, this turn's time. */
export class Context {
  readonly udp: UdpPort;
  readonly ring: PacketRing;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  /** Our name as a receiver of RTP (RFC 7022: random, short-lived). */
  readonly cname: Uint8Array;
  readonly drops = new Drops();
  readonly formats = new FormatTable();
  readonly addresses = new AddressTable(MAX_TRANSPORTS * MAX_ADDRESSES_PER_TRANSPORT);
  /** By row; holes where a transport was closed. */
  readonly transports: (Transport | null)[] = [];
  /** Those with ports of their own, by side of the UDP port. */
  readonly sideTransports: (Transport | null)[] = [];
  readonly extensions = new ExtensionTable();
  /**
   * Milliseconds since the epoch, read once per turn. It begins without a value so that V8 keeps a pointer to the
   * turn's one boxed number here: as a field of doubles it would be boxed anew for each call that takes it.
   */
  nowMs: number = undefined as unknown as number;
  /**
   * When the packet at hand arrived, by the system's clock where it tells, else `nowMs`. In a typed array, because a
   * number that differs for each packet would be boxed for each.
   */
  readonly arrivedMs = new Float64Array(1);
  /** How long a turn that forwards takes, on average. */
  turnMs = 0;
  /** Streams that took packets in this turn: the first `touchedCount`. */
  readonly touched: Stream[] = [];
  touchedCount = 0;
  /** Transports with receivers: those that may owe feedback. */
  readonly publishers: Transport[] = [];
  /** Senders that are replaying a group of pictures. */
  readonly replaying: Sender[] = [];
  /** Waits to be passed up at the end of the turn. */
  events: PlaneEvent[] = [];
  controlDatagrams = 0;
  /** Packets of some publisher are missing, and asked for as their time comes. */
  isRepairing = false;
  /** When the next publisher is to be told of arrivals; Infinity for none. */
  feedbackDueMs = Infinity;
  /** Transports whose peers answered a check since that was told last. */
  consented: number[] = [];
  nextConsentMs = 0;
  /** Packets that this turn may still send on; falls below 0 in overload. */
  sendsLeft = 0;
  /** Streams made so far: the id of the last. */
  streamCount = 0;
  /** Grows with each SSRC learned. */
  inboundOrder = 0;

  constructor(udp: UdpPort, random: () => number) {
    this.udp = udp;
    this.ring = new PacketRing(udp);
    this.random = random;
    this.cname = new TextEncoder().encode(`${random().toString(36)}${random().toString(36)}`);
  }
}
