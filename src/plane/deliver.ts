// hot
import type { Context } from "./context.ts";
import { formatChanges, sourceFlows } from "./events.ts";
import { feeds } from "./feed.ts";
import { forwardPending } from "./forward.ts";
import type { Inbound } from "./inbound.ts";
import { requestKeyframe } from "./keyframe.ts";
import { MAX_PENDING, MIN_PACKETS_PER_TURN } from "./limits.ts";
import { FLAG_KEYFRAME, FORWARDED_EXTENSIONS } from "./packet_ring.ts";
import type { Source } from "./source.ts";

/** RFC 8285 one-byte elements carry at most this much; longer ones cannot be passed on. */
const MAX_EXTENSION_BYTES = 16;
/** How many datagrams, of whatever peer, may have come between a packet and the one it follows. */
const MAX_OVERTAKING = 256;

/**
 * Takes a media packet (or a repaired one) of `inbound` into the source that its m-line fills. `extended` and
 * `timestamp` are in the stream's own space; payload place and marker stand in the ring already.
 */
export function deliver(
  context: Context,
  inbound: Inbound,
  slot: number,
  payloadType: number,
  extended: number,
  timestamp: number,
): void {
  const ring = context.ring;
  const source = inbound.receiver.source;
  if (inbound.nack !== null && !inbound.nack.received(extended, context.nowMs)) {
    requestKeyframe(context, source);
  }
  const payload = inbound.receiver.payloads[payloadType];
  if (payload === null) {
    context.drops.unknownPayload++;
    if (source.active === inbound) source.numbering.leaveOut(extended);
    return;
  }
  const format = payload.format;
  inbound.codec = format.codec;
  inbound.clockRate = format.clockRate;
  const length = ring.payloadLength[slot];
  // Padding probes: left out without a hole. One that comes late goes on as an empty packet, which receivers skip.
  if (length === 0 && source.active === inbound && source.numbering.leaveOut(extended)) return;
  let keyframe = false;
  if (source.media === "video" && format.startsKeyframe(ring.bytes, ring.payloadOffset[slot], length)) {
    keyframe = inbound.beginsKeyframe(timestamp);
  }
  ring.format[slot] = format.index;
  if (keyframe) ring.flags[slot] |= FLAG_KEYFRAME;
  keepExtensions(context, inbound, slot);
  const feedingBefore = source.active;
  if (!feeds(context, source, inbound, extended, timestamp, keyframe, format.clockRate)) {
    context.drops.notFeeding++;
    ring.hold(slot, inbound.order, extended, timestamp);
    return;
  }
  enter(context, source, slot, extended, timestamp);
  if (source.active !== feedingBefore) enterHeld(context, source, inbound, slot, extended);
}

/** Takes the packet in `slot`, number `extended` of the feeding stream, into the source. */
function enter(context: Context, source: Source, slot: number, extended: number, timestamp: number): void {
  const ring = context.ring;
  const sequence = source.numbering.outputOf(extended);
  if (sequence < 0) {
    context.drops.late++;
    return;
  }
  if (source.format !== ring.format[slot]) formatChanges(context, source, ring.format[slot]);
  touch(context, source);
  if (context.sendsLeft <= 0 && source.pendingCount >= MIN_PACKETS_PER_TURN) {
    context.drops.overload++;
    return;
  }
  context.sendsLeft -= source.senders.length;
  source.accept(ring, slot, sequence, timestamp, context.nowMs);
  if ((ring.flags[slot] & FLAG_KEYFRAME) !== 0) source.keyframes.answered(context.nowMs);
  if (!source.flowing) sourceFlows(context, source, true);
}

/**
 * The first packet of the keyframe that begins the feed may have been overtaken by others, or have come by
 * retransmission: those that came before it, and were held, follow it now.
 */
function enterHeld(context: Context, source: Source, inbound: Inbound, slot: number, first: number): void {
  const ring = context.ring;
  for (let back = MAX_OVERTAKING; back > 0; back--) {
    const earlier = (slot - back) & (ring.slotCount - 1);
    if (!ring.isHeld(earlier, inbound.order) || ring.sequence[earlier] <= first) continue;
    enter(context, source, earlier, ring.sequence[earlier], ring.timestamp[earlier]);
  }
}

/** Puts the source on the list of this turn. */
function touch(context: Context, source: Source): void {
  if (source.pendingCount === MAX_PENDING) forwardPending(context, source);
  if (source.touched) return;
  source.touched = true;
  context.touched[context.touchedCount++] = source;
}

/** Remembers where the extensions stand that senders may pass on. `context.extensions` holds the packet's. */
function keepExtensions(context: Context, inbound: Inbound, slot: number): void {
  const table = context.extensions;
  const kinds = inbound.receiver.transport.forwardedKinds;
  const ring = context.ring;
  let mask = 0;
  for (let i = 0; i < table.count; i++) {
    const kind = kinds[table.ids[i]];
    const length = table.lengths[i];
    if (kind === 0 || length === 0 || length > MAX_EXTENSION_BYTES) continue;
    const cell = slot * FORWARDED_EXTENSIONS + kind - 1;
    ring.extensionOffset[cell] = table.offsets[i];
    ring.extensionLength[cell] = length;
    mask |= 1 << (kind - 1);
  }
  ring.extensionMask[slot] = mask;
}
