// hot
import { putUint16, uint16At } from "./bytes.ts";
import { csrcCount, hasExtension, RTP_HEADER_BYTES } from "./header.ts";

/** Elements that one table holds; further ones of a packet are not read. One-byte ids cannot be more than 14. */
const TABLE_CAPACITY = 16;
const BLOCK_HEADER_BYTES = 4;
const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;

/** The header extension elements of one packet, filled anew by `readExtensions`. */
export class ExtensionTable {
  count = 0;
  /** The negotiated id of each element, 1–14 or 1–255. */
  readonly ids = new Uint8Array(TABLE_CAPACITY);
  /** Where the data of each element starts, in the packet's buffer. */
  readonly offsets = new Int32Array(TABLE_CAPACITY);
  /** Bytes of data of each element. */
  readonly lengths = new Uint8Array(TABLE_CAPACITY);
}

/**
 * Reads the RFC 8285 header extension of the packet at `offset` into `table` and returns the number of elements;
 * 0 for none or for a profile that is not RFC 8285's, -1 (with an empty table) when an element leaves the block.
 * The packet must have passed `headerLength`.
 */
export function readExtensions(bytes: Uint8Array, offset: number, table: ExtensionTable): number {
  table.count = 0;
  if (!hasExtension(bytes, offset)) return 0;
  const block = offset + RTP_HEADER_BYTES + csrcCount(bytes, offset) * 4;
  const profile = uint16At(bytes, block);
  const start = block + BLOCK_HEADER_BYTES;
  const end = start + uint16At(bytes, block + 2) * 4;
  if (profile === ONE_BYTE_PROFILE) return readOneByte(bytes, start, end, table);
  if ((profile & 0xfff0) === TWO_BYTE_PROFILE) return readTwoByte(bytes, start, end, table);
  return 0;
}

/** RFC 8285 section 4.2: id and length-1 share a byte. */
function readOneByte(bytes: Uint8Array, start: number, end: number, table: ExtensionTable): number {
  let at = start;
  while (at < end && table.count < TABLE_CAPACITY) {
    const head = bytes[at++];
    if (head === 0) continue;
    const id = head >>> 4;
    // Reserved: everything from here on is to be ignored.
    if (id === 15 || id === 0) break;
    const length = (head & 0x0f) + 1;
    if (at + length > end) return malformed(table);
    addElement(table, id, at, length);
    at += length;
  }
  return table.count;
}

/** RFC 8285 section 4.3: id and length have a byte each. */
function readTwoByte(bytes: Uint8Array, start: number, end: number, table: ExtensionTable): number {
  let at = start;
  while (at < end && table.count < TABLE_CAPACITY) {
    const id = bytes[at++];
    if (id === 0) continue;
    if (at >= end) return malformed(table);
    const length = bytes[at++];
    if (at + length > end) return malformed(table);
    addElement(table, id, at, length);
    at += length;
  }
  return table.count;
}

function addElement(table: ExtensionTable, id: number, offset: number, length: number): void {
  const row = table.count++;
  table.ids[row] = id;
  table.offsets[row] = offset;
  table.lengths[row] = length;
}

function malformed(table: ExtensionTable): number {
  table.count = 0;
  return -1;
}

/**
 * Begins a one-byte-profile block at `at` (right after the fixed header and CSRCs) and returns where its first
 * element goes. The X bit is set by `setHasExtension`.
 */
export function beginExtensions(bytes: Uint8Array, at: number): number {
  putUint16(bytes, at, ONE_BYTE_PROFILE);
  return at + BLOCK_HEADER_BYTES;
}

/**
 * Appends one element (`id` 1–14, `length` 1–16) copied from `source`, and returns where the next one goes.
 * `source` may be the same buffer where the data lie behind `at`.
 */
export function appendExtension(
  bytes: Uint8Array,
  at: number,
  id: number,
  source: Uint8Array,
  sourceOffset: number,
  length: number,
): number {
  bytes[at] = (id << 4) | (length - 1);
  for (let i = 0; i < length; i++) bytes[at + 1 + i] = source[sourceOffset + i];
  return at + 1 + length;
}

/** Pads the block that began at `start` and whose elements end at `at` to whole words; returns where it ends. */
export function endExtensions(bytes: Uint8Array, start: number, at: number): number {
  let end = at;
  while ((end - start) % 4 !== 0) bytes[end++] = 0;
  putUint16(bytes, start + 2, (end - start - BLOCK_HEADER_BYTES) >>> 2);
  return end;
}
