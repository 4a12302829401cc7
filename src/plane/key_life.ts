// hot
import type { Context } from "./context.ts";
import type { TransportKeys } from "./control.ts";
import type { Transport } from "./transport.ts";

/** How much of a key's life is left when its end is announced. */
const LEFT = 1 / 16;

/** The packets that the two keys of a transport may protect, and where its counters stood when they came. */
export class KeyLife {
  readonly sentLimit: number;
  readonly receivedLimit: number;
  announced = false;

  constructor(keys: TransportKeys, transport: Transport) {
    this.sentLimit = transport.packetsSent + (keys.localLifetimePackets ?? Infinity);
    this.receivedLimit = transport.packetsReceived + (keys.remoteLifetimePackets ?? Infinity);
    this.#sentSoft = this.sentLimit - (keys.localLifetimePackets ?? 0) * LEFT;
    this.#receivedSoft = this.receivedLimit - (keys.remoteLifetimePackets ?? 0) * LEFT;
  }

  readonly #sentSoft: number;
  readonly #receivedSoft: number;

  isNearlyOver(transport: Transport): boolean {
    return transport.packetsSent >= this.#sentSoft || transport.packetsReceived >= this.#receivedSoft;
  }
}

/** Announces the end of a transport's keys, and keeps it (RFC 3711 section 9.2): a key is not used beyond its life. */
export function spendKeys(context: Context, transport: Transport, life: KeyLife): void {
  if (!life.announced && life.isNearlyOver(transport)) announceEnd(context, transport, life);
  if (transport.packetsSent >= life.sentLimit) {
    transport.outCipher?.close();
    transport.outCipher = null;
  }
  if (transport.packetsReceived >= life.receivedLimit) {
    transport.inCipher?.close();
    transport.inCipher = null;
  }
}

// cold: once per pair of keys
function announceEnd(context: Context, transport: Transport, life: KeyLife): void {
  life.announced = true;
  context.events.push({ on: "keyNearlyUsed", transport: transport.id });
}
