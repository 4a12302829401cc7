// hot
import type { Context } from "./context.ts";
import { forwardPending } from "./forward.ts";
import type { Inbound } from "./inbound.ts";
import { MAX_PENDING } from "./limits.ts";
import { FLAG_KEYFRAME, FLAG_SETTLED, type PacketRing } from "./packet_ring.ts";
import type { ReceivedPayload } from "./receiver.ts";

/**
 * Puts the parameter sets that a description told before the keyframe that begins with the packet in `slot`, as packets
 * of the same frame, which begins with them then: whoever gets the stream by another description needs them in it. Not
 * any more once the stream brings some itself, which may be others.
 *
 * @param extended the keyframe's first number, and `timestamp` its time, in the space of the SSRC
 */
export function enterSets(
  context: Context,
  inbound: Inbound,
  received: ReceivedPayload,
  slot: number,
  extended: number,
  timestamp: number,
): void {
  const ring = context.ring;
  const stream = inbound.stream;
  const slots = received.setSlots;
  const count = slots.length / 2;
  const begin = received.nextSet;
  if (bringsSets(ring, inbound, received, slot)) return;
  if (stream.pendingCount + count > MAX_PENDING || isPending(ring, slots[begin])) {
    forwardPending(context, stream);
  }
  const first = stream.numbering.makeRoomBefore(extended, count);
  if (first < 0) return;
  received.nextSet = begin === 0 ? count : 0;
  for (let i = 0; i < count; i++) {
    const set = slots[begin + i];
    ring.reset(set);
    ring.format[set] = received.format.index;
    if (i === 0) ring.flags[set] = FLAG_KEYFRAME;
    stream.accept(ring, set, first + i, timestamp, context.nowMs);
  }
  context.sendsLeft -= count * stream.senders.length;
  ring.flags[slot] &= ~FLAG_KEYFRAME;
  stream.keyframes.answered(context.nowMs);
}

function bringsSets(ring: PacketRing, inbound: Inbound, received: ReceivedPayload, slot: number): boolean {
  if (inbound.bringsSets) return true;
  const carries = received.format.carriesParameterSets;
  inbound.bringsSets = carries(ring.bytes, ring.payloadOffset[slot], ring.payloadLength[slot]);
  return inbound.bringsSets;
}

/** Those of an earlier keyframe wait for the end of this turn yet: three came in one. */
function isPending(ring: PacketRing, slot: number): boolean {
  return ring.owner[slot] !== 0 && (ring.flags[slot] & FLAG_SETTLED) === 0;
}
