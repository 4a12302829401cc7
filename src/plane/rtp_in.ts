// hot
import {
  headerLength,
  marker,
  paddingLength,
  payloadType,
  readExtensions,
  rolloverOf,
  sequenceNumber,
  ssrc,
  timestamp,
} from "../rtp/mod.ts";
import type { Context } from "./context.ts";
import { deliver } from "./deliver.ts";
import { mediaBegins } from "./events.ts";
import { BEGINS_ANEW, GOES_ON, type Inbound, STRAYS } from "./inbound.ts";
import { findRepaired, forgetInbound, forgetSilent, learnSsrc } from "./learn.ts";
import { FLAG_MARKER } from "./packet_ring.ts";
import { MEDIA_ACTIVE, type Transport } from "./transport.ts";

/** RFC 4588 section 4: the original sequence number before the payload. */
const ORIGINAL_SEQUENCE_BYTES = 2;

/** Takes the SRTP packet in `slot`, which came from an address of `transport`; false when it is not authentic, or old. */
export function receiveRtp(context: Context, transport: Transport, slot: number): boolean {
  const bytes = context.ring.bytes;
  const offset = context.ring.offsetOf(slot);
  const header = headerLength(bytes, offset, context.udp.slotLength[slot]);
  if (header < 0) {
    context.drops.malformed++;
    return false;
  }
  const inbound = transport.inboundOf(ssrc(bytes, offset));
  if (inbound === null) return receiveUnknown(context, transport, slot, header);
  return receiveKnown(context, inbound, slot, header);
}

function receiveKnown(context: Context, inbound: Inbound, slot: number, header: number): boolean {
  const sequence = sequenceNumber(context.ring.bytes, context.ring.offsetOf(slot));
  const extended = inbound.sequence.unwrap(sequence);
  const transport = inbound.receiver.transport;
  const found = transport.side !== null && transport.isPlain() ? inbound.judge(sequence, extended) : GOES_ON;
  if (found === BEGINS_ANEW) {
    forgetInbound(inbound);
    return receiveUnknown(context, transport, slot, header);
  }
  if (found === STRAYS || !inbound.replay.accepts(extended)) {
    context.drops.replayed++;
    return false;
  }
  const plain = unprotect(context, transport, slot, header, inbound.ssrc, rolloverOf(extended), sequence);
  if (plain < 0) return false;
  readExtensions(context.ring.bytes, context.ring.offsetOf(slot), context.extensions);
  take(context, inbound, slot, header, plain, extended);
  return true;
}

/** An SSRC is learned from an authentic packet only; its rollover counter starts at 0 (RFC 3711 section 3.3.1). */
function receiveUnknown(context: Context, transport: Transport, slot: number, header: number): boolean {
  const bytes = context.ring.bytes;
  const offset = context.ring.offsetOf(slot);
  const unknown = ssrc(bytes, offset);
  const sequence = sequenceNumber(bytes, offset);
  const mayForget = transport.isPlain() || transport.side !== null;
  if (transport.isRetired(unknown) || !mayForget && !transport.hasRoom()) {
    context.drops.tooManySsrcs++;
    return false;
  }
  const plain = unprotect(context, transport, slot, header, unknown, 0, sequence);
  if (plain < 0) return false;
  if (!transport.hasRoom() && !forgetSilent(transport, context.nowMs)) {
    context.drops.tooManySsrcs++;
    return false;
  }
  readExtensions(bytes, offset, context.extensions);
  const inbound = learnSsrc(context, transport, unknown, payloadType(bytes, offset));
  if (inbound === null) {
    context.drops.unknownSsrc++;
    return true;
  }
  take(context, inbound, slot, header, plain, sequence);
  return true;
}

function unprotect(
  context: Context,
  transport: Transport,
  slot: number,
  header: number,
  ssrc: number,
  rollover: number,
  sequence: number,
): number {
  const cipher = transport.inCipher;
  if (cipher === null) {
    context.drops.notKeyed++;
    return -1;
  }
  const { ring, udp } = context;
  const length = udp.slotLength[slot];
  const plain = cipher.unprotectRtp(
    ring.memory,
    ring.offsetOf(slot),
    length,
    header,
    ssrc,
    rollover,
    sequence,
  );
  if (plain < 0) context.drops.notAuthentic++;
  return plain;
}

/** The packet is authentic and new: only now does it change any state. */
function take(
  context: Context,
  inbound: Inbound,
  slot: number,
  header: number,
  plain: number,
  extended: number,
): void {
  const ring = context.ring;
  const offset = ring.offsetOf(slot);
  const length = context.udp.slotLength[slot];
  inbound.replay.record(extended);
  inbound.sequence.update(extended);
  context.arrivedMs[0] = context.udp.slotTimeMs[slot] || context.nowMs;
  heard(context, inbound.receiver.transport, length);
  const at = timestamp(ring.bytes, offset);
  inbound.count(extended, at, length, context.nowMs, context.arrivedMs);
  const padding = paddingLength(ring.bytes, offset, plain);
  if (padding < 0) {
    context.drops.malformed++;
    return;
  }
  ring.payloadOffset[slot] = offset + header;
  ring.payloadLength[slot] = plain - header - padding;
  ring.flags[slot] = marker(ring.bytes, offset) ? FLAG_MARKER : 0;
  const type = payloadType(ring.bytes, offset);
  if (inbound.retransmission) takeRetransmission(context, inbound, slot, type, at);
  else deliver(context, inbound, slot, type, extended, at);
}

/** Unwraps an RTX packet (RFC 4588): a step over its two bytes, and it is the packet that was lost. */
function takeRetransmission(context: Context, rtx: Inbound, slot: number, type: number, at: number): void {
  const ring = context.ring;
  if (rtx.repaired === null) rtx.repaired = findRepaired(rtx);
  const repaired = rtx.repaired;
  const originalType = rtx.receiver.repairs[type];
  if (repaired === null || originalType < 0 || ring.payloadLength[slot] <= ORIGINAL_SEQUENCE_BYTES) {
    context.drops.emptyRetransmission++;
    return;
  }
  const payload = ring.payloadOffset[slot];
  const original = (ring.bytes[payload] << 8) | ring.bytes[payload + 1];
  const extended = repaired.sequence.unwrap(original);
  // Browsers probe the path with packets that arrived long ago: the window tells them from repairs.
  if (!repaired.replay.accepts(extended)) {
    context.drops.emptyRetransmission++;
    return;
  }
  repaired.replay.record(extended);
  repaired.sequence.update(extended);
  ring.payloadOffset[slot] = payload + ORIGINAL_SEQUENCE_BYTES;
  ring.payloadLength[slot] -= ORIGINAL_SEQUENCE_BYTES;
  deliver(context, repaired, slot, originalType, extended, at);
}

/** What any authentic packet tells about its transport. `context.extensions` holds the packet's. */
function heard(context: Context, transport: Transport, length: number): void {
  transport.packetsReceived++;
  transport.bytesReceived += length;
  transport.lastReceivedMs = context.nowMs;
  if (transport.media !== MEDIA_ACTIVE) mediaBegins(context, transport);
  const id = transport.transportWideCcId;
  if (id === 0) return;
  const table = context.extensions;
  for (let i = 0; i < table.count; i++) {
    if (table.ids[i] !== id || table.lengths[i] !== 2) continue;
    const at = table.offsets[i];
    transport.transportCc.record(
      (context.ring.bytes[at] << 8) | context.ring.bytes[at + 1],
      context.arrivedMs,
    );
  }
}
