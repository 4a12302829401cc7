// hot
import { SLOT_BYTES } from "../native/mod.ts";
import {
  appendExtension,
  beginExtensions,
  endExtensions,
  low16,
  rolloverOf,
  RTP_HEADER_BYTES,
  setHasExtension,
  setHasPadding,
  writeHeader,
} from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import { FLAG_MARKER, FORWARDED_EXTENSIONS, type PacketRing } from "./packet_ring.ts";
import type { Sender } from "./sender.ts";

/** Longest tag of the SRTP profiles. */
const MAX_TAG_BYTES = 16;

/**
 * Sends the packet in `slot` as number `extended` of the sender. The header is written anew into an egress slot and
 * the payload encrypted into it straight from the ring. It depends on nothing but the slot and the sender, so that a
 * second sending is identical byte for byte: the same nonce never protects two texts.
 */
export function sendPacket(context: Context, sender: Sender, slot: number, extended: number): void {
  const ring = context.ring;
  const padding = ring.padding[slot];
  const length = protectFrom(
    context,
    sender,
    slot,
    sender.payloadType,
    sender.spec.ssrc,
    extended,
    ring.payloadOffset[slot],
    ring.payloadLength[slot] + padding,
    padding > 0,
    -1,
  );
  if (length > 0) sender.rate.add(length);
}

/** Sends the packet in `slot` on the RTX stream (RFC 4588 section 4), its number `extended` before the payload. */
export function sendRtx(context: Context, sender: Sender, slot: number, extended: number): void {
  const ring = context.ring;
  sender.rtxHighest++;
  protectFrom(
    context,
    sender,
    slot,
    sender.rtxPayloadType,
    sender.spec.rtxSsrc,
    sender.rtxHighest,
    ring.payloadOffset[slot] - 2,
    ring.payloadLength[slot] + 2,
    false,
    low16(extended),
  );
}

/** `original` is the sequence number that an RTX payload begins with, -1 for a packet that is none. */
function protectFrom(
  context: Context,
  sender: Sender,
  slot: number,
  payloadType: number,
  ssrc: number,
  extended: number,
  payloadOffset: number,
  payloadLength: number,
  padded: boolean,
  original: number,
): number {
  const ring = context.ring;
  const udp = context.udp;
  const transport = sender.transport;
  const cipher = transport.outCipher;
  if (cipher === null) return 0;
  const offset = udp.nextEgress();
  const target = udp.egress;
  const sequence = low16(extended);
  const marker = (ring.flags[slot] & FLAG_MARKER) !== 0;
  writeHeader(target.bytes, offset, marker, payloadType, sequence, sender.timestampOf(ring, slot), ssrc);
  if (padded) setHasPadding(target.bytes, offset, true);
  const header = writeExtensions(target.bytes, offset, sender, ring, slot);
  if (header + payloadLength + MAX_TAG_BYTES > SLOT_BYTES) {
    context.drops.tooLong++;
    return 0;
  }
  // The two bytes before the payload are the old header's: lent to the number, and given back for the next reader.
  const first = ring.bytes[payloadOffset];
  const second = ring.bytes[payloadOffset + 1];
  if (original >= 0) {
    ring.bytes[payloadOffset] = original >>> 8;
    ring.bytes[payloadOffset + 1] = original;
  }
  const length = cipher.protectRtp(
    target,
    offset,
    header,
    ring.memory,
    payloadOffset,
    payloadLength,
    ssrc,
    rolloverOf(extended),
    sequence,
  );
  if (original >= 0) {
    ring.bytes[payloadOffset] = first;
    ring.bytes[payloadOffset + 1] = second;
  }
  udp.push(transport.row, offset, length);
  transport.packetsSent++;
  transport.bytesSent += length;
  return length;
}

/** Writes the header extensions of both sides behind the fixed header; returns the length of the whole header. */
function writeExtensions(
  target: Uint8Array,
  offset: number,
  sender: Sender,
  ring: PacketRing,
  slot: number,
): number {
  const mask = ring.extensionMask[slot] & sender.extensionMask;
  const mid = sender.mid;
  if (mask === 0 && mid.length === 0) return RTP_HEADER_BYTES;
  setHasExtension(target, offset, true);
  const start = offset + RTP_HEADER_BYTES;
  let at = beginExtensions(target, start);
  if (mid.length > 0) at = appendExtension(target, at, sender.spec.extensions.mid ?? 0, mid, 0, mid.length);
  for (let kind = 0; kind < FORWARDED_EXTENSIONS; kind++) {
    if ((mask & (1 << kind)) === 0) continue;
    const cell = slot * FORWARDED_EXTENSIONS + kind;
    const id = sender.extensionIds[kind];
    at = appendExtension(target, at, id, ring.bytes, ring.extensionOffset[cell], ring.extensionLength[cell]);
  }
  return endExtensions(target, start, at) - offset;
}
