// hot
import type { Context } from "./context.ts";
import { formatChanges, sourceFlows } from "./events.ts";
import { feeds } from "./feed.ts";
import { forwardPending } from "./forward.ts";
import type { Inbound } from "./inbound.ts";
import { requestKeyframe } from "./keyframe.ts";
import { MAX_PENDING, MIN_PACKETS_PER_TURN } from "./limits.ts";
import { FLAG_KEYFRAME, FORWARDED_EXTENSIONS } from "./packet_ring.ts";
import { enterSets } from "./parameter_sets.ts";
import { chooseStreams } from "./simulcast.ts";
import type { Stream } from "./stream.ts";

/** RFC 8285 one-byte elements carry at most this much; longer ones cannot be passed on. */
const MAX_EXTENSION_BYTES = 16;
/** How many datagrams, of whatever peer, may have come between a packet and the one it follows. */
const MAX_OVERTAKING = 256;

/**
 * Takes a media packet (or a repaired one) of `inbound` into the stream that it fills. `extended` and
 * `timestamp` are in the SSRC's own space; payload place and marker stand in the ring already.
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
  const stream = inbound.stream;
  if (inbound.nack !== null && !inbound.nack.received(extended, context.nowMs)) {
    requestKeyframe(context, stream);
  }
  const payload = inbound.receiver.payloads[payloadType];
  if (payload === null) {
    context.drops.unknownPayload++;
    if (stream.active === inbound) stream.numbering.leaveOut(extended);
    return;
  }
  const format = payload.format;
  inbound.codec = format.codec;
  inbound.clockRate = format.clockRate;
  const length = ring.payloadLength[slot];
  // Padding probes: left out without a hole. One that comes late goes on as an empty packet, which receivers skip.
  if (length === 0 && stream.active === inbound && stream.numbering.leaveOut(extended)) return;
  let keyframe = false;
  if (stream.media === "video" && format.startsKeyframe(ring.bytes, ring.payloadOffset[slot], length)) {
    keyframe = inbound.beginsKeyframe(timestamp);
  }
  ring.format[slot] = format.index;
  if (keyframe) ring.flags[slot] |= FLAG_KEYFRAME;
  keepExtensions(context, inbound, slot);
  const feedingBefore = stream.active;
  if (!feeds(context, stream, inbound, extended, timestamp, keyframe, format.clockRate)) {
    context.drops.notFeeding++;
    ring.hold(slot, inbound.order, extended, timestamp);
    return;
  }
  if (keyframe && payload.setSlots.length > 0) {
    touch(context, stream);
    enterSets(context, inbound, payload, slot, extended, timestamp);
  }
  enter(context, stream, slot, extended, timestamp);
  if (stream.active === feedingBefore) return;
  enterHeld(context, stream, inbound, slot, extended);
  // Who waits for a better stream can have this very keyframe.
  chooseStreams(context, stream.source);
}

/** Takes the packet in `slot`, number `extended` of the feeding SSRC, into the stream. */
function enter(context: Context, stream: Stream, slot: number, extended: number, timestamp: number): void {
  const ring = context.ring;
  const sequence = stream.numbering.outputOf(extended);
  if (sequence < 0) {
    context.drops.late++;
    return;
  }
  if (stream.format !== ring.format[slot]) formatChanges(context, stream, ring.format[slot]);
  touch(context, stream);
  if (context.sendsLeft <= 0 && stream.pendingCount >= MIN_PACKETS_PER_TURN) {
    context.drops.overload++;
    return;
  }
  context.sendsLeft -= stream.senders.length;
  stream.accept(ring, slot, sequence, timestamp, context.nowMs);
  stream.source.lastPacketMs = context.nowMs;
  if ((ring.flags[slot] & FLAG_KEYFRAME) !== 0) stream.keyframes.answered(context.nowMs);
  if (!stream.source.flowing) sourceFlows(context, stream.source, true);
}

/**
 * The first packet of the keyframe that begins the feed may have been overtaken by others, or have come by
 * retransmission: those that came before it, and were held, follow it now.
 */
function enterHeld(context: Context, stream: Stream, inbound: Inbound, slot: number, first: number): void {
  const ring = context.ring;
  for (let back = MAX_OVERTAKING; back > 0; back--) {
    const earlier = (slot - back) & (ring.slotCount - 1);
    if (!ring.isHeld(earlier, inbound.order) || ring.sequence[earlier] <= first) continue;
    enter(context, stream, earlier, ring.sequence[earlier], ring.timestamp[earlier]);
  }
}

/** Puts the stream on the list of this turn. */
function touch(context: Context, stream: Stream): void {
  if (stream.pendingCount === MAX_PENDING) forwardPending(context, stream);
  if (stream.touched) return;
  stream.touched = true;
  context.touched[context.touchedCount++] = stream;
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
