// hot
import { putUint16, putUint24, uint16At, uint24At } from "../bytes.ts";
import { FEEDBACK_HEADER_BYTES, RTPFB, writeFeedbackHeader } from "./packet.ts";

/** FMT of transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), under RTPFB. */
export const FMT_TRANSPORT_CC = 15;

/** Statuses that one written packet covers at most; at worst (a large delta each) it then has 2364 bytes. */
export const MAX_FEEDBACK_STATUSES = 1024;

/** Fixed part: feedback header, base sequence number, status count, reference time, feedback count. */
export const TRANSPORT_FEEDBACK_FIXED_BYTES = FEEDBACK_HEADER_BYTES + 8;

/** The reference time counts 64 ms, a delta 250 µs. */
export const TICKS_PER_REFERENCE = 256;

/** Packet status symbols (section 3.1.1 of the draft). */
export const STATUS_LOST = 0;
export const STATUS_SMALL_DELTA = 1;
export const STATUS_LARGE_DELTA = 2;

const VECTOR_CHUNK = 0x8000;
const TWO_BIT_SYMBOLS = 0x4000;
const ONE_BIT_CAPACITY = 14;
const TWO_BIT_CAPACITY = 7;

/** Scratch of one call; a thread writes one packet at a time. */
const symbols = new Uint8Array(MAX_FEEDBACK_STATUSES);

/** The transport-wide sequence number of the first status. */
export function transportFeedbackBase(bytes: Uint8Array, offset: number): number {
  return uint16At(bytes, offset + 12);
}

/** How many sequence numbers from the base the packet tells about. */
export function transportFeedbackStatusCount(bytes: Uint8Array, offset: number): number {
  return uint16At(bytes, offset + 14);
}

/** What the first delta is relative to, in units of 64 ms; signed 24 bits. */
export function transportFeedbackReference(bytes: Uint8Array, offset: number): number {
  return (uint24At(bytes, offset + 16) << 8) >> 8;
}

/** The number of this feedback packet, 0–255. */
export function transportFeedbackCount(bytes: Uint8Array, offset: number): number {
  return bytes[offset + 19];
}

/**
 * Writes feedback about the `count` transport-wide sequence numbers from `baseSequence` and returns its length, or 0
 * when none of them arrived. `arrivals[i]` is when number i arrived, a whole number of 250 µs ticks on any clock from
 * 0 up, or negative when it did not. The packet ends before the first arrival that is further than a delta can say
 * (8.2 s) from the one before, and after MAX_FEEDBACK_STATUSES: `transportFeedbackStatusCount` of what was written
 * tells how many are covered; the rest goes into another packet.
 */
export function writeTransportFeedback(
  bytes: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  feedbackCount: number,
  baseSequence: number,
  arrivals: Float64Array,
  count: number,
): number {
  const first = firstArrival(arrivals, Math.min(count, MAX_FEEDBACK_STATUSES));
  if (first < 0) return 0;
  const reference = Math.floor(arrivals[first] / TICKS_PER_REFERENCE);
  const covered = classify(arrivals, Math.min(count, MAX_FEEDBACK_STATUSES), reference * TICKS_PER_REFERENCE);
  const deltasAt = writeChunks(bytes, offset + TRANSPORT_FEEDBACK_FIXED_BYTES, covered);
  const end = writeDeltas(bytes, deltasAt, arrivals, covered, reference * TICKS_PER_REFERENCE);
  const length = pad(bytes, offset, end);
  writeFeedbackHeader(bytes, offset, FMT_TRANSPORT_CC, RTPFB, length, senderSsrc, mediaSsrc);
  if (length > end - offset) bytes[offset] |= 0x20;
  putUint16(bytes, offset + 12, baseSequence);
  putUint16(bytes, offset + 14, covered);
  putUint24(bytes, offset + 16, reference % 0x1000000);
  bytes[offset + 19] = feedbackCount;
  return length;
}

function firstArrival(arrivals: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) if (arrivals[i] >= 0) return i;
  return -1;
}

/** Fills `symbols` and returns how many statuses fit into one packet. */
function classify(arrivals: Float64Array, count: number, referenceTicks: number): number {
  let last = referenceTicks;
  for (let i = 0; i < count; i++) {
    symbols[i] = STATUS_LOST;
    if (arrivals[i] < 0) continue;
    const delta = arrivals[i] - last;
    if (delta > 0x7fff || delta < -0x8000) return i;
    symbols[i] = delta >= 0 && delta <= 0xff ? STATUS_SMALL_DELTA : STATUS_LARGE_DELTA;
    last = arrivals[i];
  }
  return count;
}

/** Writes the chunk that covers most at each place; every chunk covers seven or all that is left. */
function writeChunks(bytes: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; at += 2) {
    const left = count - i;
    const run = runLength(i, count);
    const narrow = narrowLength(i, Math.min(count, i + ONE_BIT_CAPACITY));
    if (run === left || run >= ONE_BIT_CAPACITY) i += writeRun(bytes, at, symbols[i], run);
    else if (narrow === left || narrow === ONE_BIT_CAPACITY) i += writeOneBit(bytes, at, i, narrow);
    else if (run > TWO_BIT_CAPACITY) i += writeRun(bytes, at, symbols[i], run);
    else i += writeTwoBit(bytes, at, i, Math.min(left, TWO_BIT_CAPACITY));
  }
  return at;
}

function runLength(from: number, end: number): number {
  let i = from + 1;
  while (i < end && symbols[i] === symbols[from]) i++;
  return i - from;
}

/** Statuses from `from` on that one bit can say. */
function narrowLength(from: number, end: number): number {
  let i = from;
  while (i < end && symbols[i] !== STATUS_LARGE_DELTA) i++;
  return i - from;
}

function writeRun(bytes: Uint8Array, at: number, symbol: number, run: number): number {
  putUint16(bytes, at, (symbol << 13) | run);
  return run;
}

function writeOneBit(bytes: Uint8Array, at: number, from: number, length: number): number {
  let chunk = VECTOR_CHUNK;
  for (let i = 0; i < length; i++) chunk |= symbols[from + i] << (13 - i);
  putUint16(bytes, at, chunk);
  return length;
}

function writeTwoBit(bytes: Uint8Array, at: number, from: number, length: number): number {
  let chunk = VECTOR_CHUNK | TWO_BIT_SYMBOLS;
  for (let i = 0; i < length; i++) chunk |= symbols[from + i] << (12 - 2 * i);
  putUint16(bytes, at, chunk);
  return length;
}

function writeDeltas(
  bytes: Uint8Array,
  start: number,
  arrivals: Float64Array,
  count: number,
  referenceTicks: number,
): number {
  let at = start;
  let last = referenceTicks;
  for (let i = 0; i < count; i++) {
    if (symbols[i] === STATUS_LOST) continue;
    const delta = arrivals[i] - last;
    last = arrivals[i];
    if (symbols[i] === STATUS_LARGE_DELTA) bytes[at++] = delta >> 8;
    bytes[at++] = delta;
  }
  return at;
}

/** Pads to a word as RTCP does: null bytes, the last one counting them. Returns the whole length. */
function pad(bytes: Uint8Array, offset: number, end: number): number {
  const padding = (4 - ((end - offset) % 4)) % 4;
  if (padding > 0) {
    bytes.fill(0, end, end + padding - 1);
    bytes[end + padding - 1] = padding;
  }
  return end - offset + padding;
}
