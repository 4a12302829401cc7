import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../../base/mod.ts";
import { crc32, STUN_HEADER_BYTES as HEADER_BYTES, STUN_MAGIC as MAGIC } from "../../rtp/mod.ts";

/** What STUN messages of all methods have in common, as bytes (RFC 8489 sections 5 and 14). */
export { HEADER_BYTES, MAGIC };
/** Longest message read or written. */
export const MAX_BYTES = 2048;

/** Reads the value of an XOR-…-ADDRESS attribute of `length` bytes at `at`; null when it has another form. */
export function readXorAddress(view: DataView, at: number, length: number): SocketAddress | null {
  const family = length >= 8 ? view.getUint8(at + 1) : 0;
  if (!(family === 1 && length === 8) && !(family === 2 && length === 20)) return null;
  const words = new Uint32Array(ADDRESS_WORDS);
  if (family === 1) words.set([0, 0, 0xffff, (view.getUint32(at + 4) ^ MAGIC) >>> 0]);
  else {for (let i = 0; i < ADDRESS_WORDS; i++) {
      words[i] = view.getUint32(at + 4 + 4 * i) ^ view.getUint32(4 + 4 * i);
    }}
  return { address: formatAddress(words), port: view.getUint16(at + 2) ^ (MAGIC >>> 16) };
}

/** The value of an XOR-…-ADDRESS attribute of the message in `view`, whose transaction id is written already. */
export function xorAddress(address: SocketAddress, view: DataView): Uint8Array {
  const words = new Uint32Array(ADDRESS_WORDS);
  parseAddress(address.address, words);
  const isIPv4 = !address.address.includes(":");
  const value = new DataView(new ArrayBuffer(isIPv4 ? 8 : 20));
  value.setUint8(1, isIPv4 ? 1 : 2);
  value.setUint16(2, address.port ^ (MAGIC >>> 16));
  if (isIPv4) value.setUint32(4, words[3] ^ MAGIC);
  else {for (let i = 0; i < ADDRESS_WORDS; i++) {
      value.setUint32(4 + 4 * i, words[i] ^ view.getUint32(4 + 4 * i));
    }}
  return new Uint8Array(value.buffer);
}

/** Writes one attribute and gives the offset behind its padding. */
export function writeAttribute(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  type: number,
  value: Uint8Array,
): number {
  view.setUint16(at, type);
  view.setUint16(at + 2, value.length);
  bytes.set(value, at + 4);
  return at + 4 + value.length + (-value.length & 3);
}

/** HMAC-SHA1 over the message up to `at`, with the length field as if MESSAGE-INTEGRITY were the last attribute. */
export function integrity(bytes: Uint8Array, at: number, key: string | Uint8Array): Buffer {
  const covered = withLength(bytes, at, at + 24 - HEADER_BYTES);
  return createHmac("sha1", key).update(covered).digest();
}

/** CRC-32 over the message up to `at`, with the length field as if FINGERPRINT were the last attribute. */
export function fingerprint(bytes: Uint8Array, at: number): number {
  return (crc32(withLength(bytes, at, at + 8 - HEADER_BYTES), 0, at) ^ 0x5354554e) >>> 0;
}

function withLength(bytes: Uint8Array, end: number, length: number): Uint8Array {
  const copy = bytes.slice(0, end);
  copy[2] = length >>> 8;
  copy[3] = length & 0xff;
  return copy;
}

/** A number as 4 bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
}

/** Bytes `from` … `to` as hex digits. */
export function hex(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("hex");
}

/** `length` bytes at `at` as text, a character each. */
export function latin1(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString("latin1");
}
