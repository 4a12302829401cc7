// hot
import { uint16At } from "../bytes.ts";
import { rtcpContentLength } from "./packet.ts";
import {
  STATUS_LARGE_DELTA,
  STATUS_LOST,
  STATUS_SMALL_DELTA,
  TICKS_PER_REFERENCE,
  TRANSPORT_FEEDBACK_FIXED_BYTES,
  transportFeedbackReference,
  transportFeedbackStatusCount,
} from "./transport_feedback.ts";

const NOT_ARRIVED = NaN;

/**
 * Reads the transport-wide feedback of `length` bytes into `arrivals`: for each sequence number from the base its
 * arrival in 250 µs ticks of the other side's clock (negative where the reference time is), NaN where it did not
 * arrive. Returns the number of statuses, of which those beyond the array are not stored; -1 when the packet is
 * shorter than its own counts (what `arrivals` holds then means nothing).
 */
export function readTransportFeedback(
  bytes: Uint8Array,
  offset: number,
  length: number,
  arrivals: Float64Array,
): number {
  const end = offset + rtcpContentLength(bytes, offset, length);
  if (end < offset + TRANSPORT_FEEDBACK_FIXED_BYTES) return -1;
  const count = transportFeedbackStatusCount(bytes, offset);
  const chunks = offset + TRANSPORT_FEEDBACK_FIXED_BYTES;
  const deltas = readSymbols(bytes, chunks, end, arrivals, count);
  if (deltas < 0) return -1;
  const reference = transportFeedbackReference(bytes, offset) * TICKS_PER_REFERENCE;
  return readDeltas(bytes, deltas, end, arrivals, Math.min(count, arrivals.length), reference) ? count : -1;
}

/** Puts each status's symbol into `arrivals`; returns where the deltas start, or -1. */
function readSymbols(
  bytes: Uint8Array,
  start: number,
  end: number,
  arrivals: Float64Array,
  count: number,
): number {
  let at = start;
  for (let i = 0; i < count; at += 2) {
    if (at + 2 > end) return -1;
    const chunk = uint16At(bytes, at);
    const covered = Math.min(chunkCapacity(chunk), count - i);
    if (covered === 0) return -1;
    for (let k = 0; k < covered; k++) arrivals[i + k] = symbolAt(chunk, k);
    i += covered;
  }
  return at;
}

function chunkCapacity(chunk: number): number {
  if ((chunk & 0x8000) === 0) return chunk & 0x1fff;
  return (chunk & 0x4000) === 0 ? 14 : 7;
}

function symbolAt(chunk: number, index: number): number {
  if ((chunk & 0x8000) === 0) return (chunk >>> 13) & 3;
  return (chunk & 0x4000) === 0 ? (chunk >>> (13 - index)) & 1 : (chunk >>> (12 - 2 * index)) & 3;
}

/** Turns the symbols in `arrivals` into times; false when the deltas break off. */
function readDeltas(
  bytes: Uint8Array,
  start: number,
  end: number,
  arrivals: Float64Array,
  count: number,
  referenceTicks: number,
): boolean {
  let at = start;
  let ticks = referenceTicks;
  for (let i = 0; i < count; i++) {
    const size = arrivals[i] === STATUS_LOST ? 0 : arrivals[i] === STATUS_SMALL_DELTA ? 1 : 2;
    if (at + size > end) return false;
    if (arrivals[i] === STATUS_SMALL_DELTA) ticks += bytes[at];
    if (arrivals[i] === STATUS_LARGE_DELTA) ticks += (uint16At(bytes, at) << 16) >> 16;
    arrivals[i] = size === 0 ? NOT_ARRIVED : ticks;
    at += size;
  }
  return true;
}
