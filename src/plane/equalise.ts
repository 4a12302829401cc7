// hot
import { FLAG_SETTLED, type PacketRing } from "./packet_ring.ts";

/** Padding added at most: it stands where the tag of the received packet was, and 10 bytes is the shortest tag. */
const MAX_PADDING = 10;

/**
 * Makes packets that leave together equally long where a few bytes of RTP padding do it, because UDP GSO takes runs of
 * equal segments (the last may be shorter) and encoders split a frame into packets that differ by a byte or two. It is
 * decided once per packet, before the first sender sees it, so that every sending of it is the same.
 */
export function equalise(ring: PacketRing, slots: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) ring.flags[slots[i]] |= FLAG_SETTLED;
  if (count < 2) return;
  let wanted = ring.payloadLength[slots[count - 1]];
  for (let i = count - 2; i >= 0; i--) {
    const slot = slots[i];
    const length = ring.payloadLength[slot];
    const missing = wanted - length;
    if (missing > 0 && missing <= MAX_PADDING && length > 0) pad(ring, slot, missing);
    else wanted = length;
  }
}

function pad(ring: PacketRing, slot: number, padding: number): void {
  const end = ring.payloadOffset[slot] + ring.payloadLength[slot];
  for (let i = 0; i < padding - 1; i++) ring.bytes[end + i] = 0;
  ring.bytes[end + padding - 1] = padding;
  ring.padding[slot] = padding;
}
