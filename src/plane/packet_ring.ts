// hot
import { type Memory, SLOT_BYTES, type UdpPort } from "../native/mod.ts";

/** Last packet of a frame (RTP marker bit). */
export const FLAG_MARKER = 1;
/** First packet of a frame that decodes by itself. */
export const FLAG_KEYFRAME = 2;
/** Its padding is decided: from now on every sending of it to one peer is the same, and it may be sent again. */
export const FLAG_SETTLED = 4;

/** Header extensions that are passed on when both sides negotiated them; the numbers index the slot arrays. */
export const FORWARDED_EXTENSIONS = 4;

/**
 * What is known of each packet in the receive ring. A packet stays where it was received, decrypted in place, until
 * the ring has gone round; `owner` and `sequence` say whose it is, so that looking one up is one comparison and
 * nothing is ever copied or freed. Arrays are by slot. Behind the slots that packets are received into there may be spare
 * ones, for packets that publishers have told but do not send.
 */
export class PacketRing {
  readonly memory: Memory;
  readonly bytes: Uint8Array;
  readonly slotCount: number;
  /** Id of the stream that the packet belongs to; 0 for none, negative for a held one. */
  readonly owner: Int32Array;
  /** Extended sequence number in the stream's own space. */
  readonly sequence: Float64Array;
  /** RTP timestamp in the stream's own time base. */
  readonly timestamp: Uint32Array;
  /** Where the payload starts in `bytes`, and its length without padding and tag. */
  readonly payloadOffset: Int32Array;
  readonly payloadLength: Int32Array;
  /** RTP padding that stands behind the payload and is sent with it; see equalise.ts. */
  readonly padding: Uint8Array;
  readonly flags: Uint8Array;
  /** Index of the Format. */
  readonly format: Uint16Array;
  /** Bit k: forwarded extension k is present, at extensionOffset[slot * 4 + k]. */
  readonly extensionMask: Uint8Array;
  readonly extensionOffset: Int32Array;
  readonly extensionLength: Uint8Array;
  /** Spare slots that nobody has. */
  readonly #spare: number[] = [];

  constructor(udp: UdpPort) {
    const count = Math.floor(udp.ring.bytes.length / SLOT_BYTES);
    this.memory = udp.ring;
    this.bytes = udp.ring.bytes;
    this.slotCount = udp.slotCount;
    for (let slot = count - 1; slot >= udp.slotCount; slot--) this.#spare.push(slot);
    this.owner = new Int32Array(count);
    this.sequence = new Float64Array(count);
    this.timestamp = new Uint32Array(count);
    this.payloadOffset = new Int32Array(count);
    this.payloadLength = new Int32Array(count);
    this.padding = new Uint8Array(count);
    this.flags = new Uint8Array(count);
    this.format = new Uint16Array(count);
    this.extensionMask = new Uint8Array(count);
    this.extensionOffset = new Int32Array(count * FORWARDED_EXTENSIONS);
    this.extensionLength = new Uint8Array(count * FORWARDED_EXTENSIONS);
  }

  // cold: when a publisher is opened
  /** Puts a payload into a spare slot; -1 when all are taken, or it is longer than a slot. */
  takeSpare(payload: Uint8Array): number {
    const slot = payload.length > SLOT_BYTES ? -1 : this.#spare.pop() ?? -1;
    if (slot < 0) return -1;
    this.bytes.set(payload, this.offsetOf(slot));
    this.payloadOffset[slot] = this.offsetOf(slot);
    this.payloadLength[slot] = payload.length;
    return slot;
  }

  /** Gives a spare slot back; its packet is in no history any more. */
  releaseSpare(slot: number): void {
    this.reset(slot);
    this.#spare.push(slot);
  }

  /** Forgets what a slot held; called as soon as a new datagram is in it. */
  reset(slot: number): void {
    this.owner[slot] = 0;
    this.padding[slot] = 0;
    this.flags[slot] = 0;
    this.extensionMask[slot] = 0;
  }

  /** Keeps a packet of an SSRC that feeds nothing yet, under the SSRC's own numbers; `order` is the Inbound's. */
  hold(slot: number, order: number, sequence: number, timestamp: number): void {
    this.owner[slot] = -order;
    this.sequence[slot] = sequence;
    this.timestamp[slot] = timestamp;
  }

  /** True for a held packet of that SSRC. */
  isHeld(slot: number, order: number): boolean {
    return this.owner[slot] === -order;
  }

  /** True while the slot still holds packet `sequence` of stream `owner`. */
  holds(slot: number, owner: number, sequence: number): boolean {
    return this.owner[slot] === owner && this.sequence[slot] === sequence;
  }

  /** First byte of a slot. */
  offsetOf(slot: number): number {
    return slot * SLOT_BYTES;
  }
}
