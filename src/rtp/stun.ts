// hot
import { putUint16, putUint32, uint16At, uint32At } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import { hmacSha1, SHA1_BYTES } from "./hmac_sha1.ts";

/** Types of Binding messages (RFC 8489 section 5). */
export const STUN_REQUEST = 0x0001;
export const STUN_SUCCESS = 0x0101;
export const STUN_HEADER_BYTES = 20;
/** The second word of every message (RFC 8489 section 5). */
export const STUN_MAGIC = 0x2112a442;
/** Where the transaction id stands in the header, and its length. */
export const STUN_TRANSACTION = 8;
export const STUN_TRANSACTION_BYTES = 12;

/** Attributes that keeping up a pair needs (RFC 8489 section 14, RFC 8445 section 16.1). */
export const STUN_USERNAME = 0x0006;
export const STUN_INTEGRITY = 0x0008;
export const STUN_CONTROLLED = 0x8029;
export const STUN_CONTROLLING = 0x802a;
const STUN_XOR_MAPPED_ADDRESS = 0x0020;
const STUN_FINGERPRINT = 0x8028;

const FINGERPRINT_XOR = 0x5354554e;
const ATTRIBUTE_HEADER = 4;
/** What MESSAGE-INTEGRITY takes with its header, and FINGERPRINT. */
const INTEGRITY_BYTES = ATTRIBUTE_HEADER + SHA1_BYTES;
const FINGERPRINT_BYTES = ATTRIBUTE_HEADER + 4;

const digest = new Uint8Array(SHA1_BYTES);

/** Type of the Binding message of `length` bytes at `at`; -1 when header or attributes are not in order. */
export function stunType(bytes: Uint8Array, at: number, length: number): number {
  if (length < STUN_HEADER_BYTES || uint32At(bytes, at + 4) !== STUN_MAGIC) return -1;
  if (uint16At(bytes, at + 2) !== length - STUN_HEADER_BYTES) return -1;
  const end = at + length;
  let next = at + STUN_HEADER_BYTES;
  while (next + ATTRIBUTE_HEADER <= end) next = behind(bytes, next);
  return next === end ? uint16At(bytes, at) : -1;
}

/**
 * Where the first attribute of this type begins in a message in order, -1 when it is not there. What follows
 * MESSAGE-INTEGRITY is not covered by it and does not count.
 */
export function stunAttribute(bytes: Uint8Array, at: number, length: number, type: number): number {
  const end = at + length;
  let next = at + STUN_HEADER_BYTES;
  while (next < end) {
    const found = uint16At(bytes, next);
    if (found === type) return next;
    if (found === STUN_INTEGRITY) return -1;
    next = behind(bytes, next);
  }
  return -1;
}

/** True when the value of the attribute at `attribute` is `wanted`. */
export function stunValueIs(bytes: Uint8Array, attribute: number, wanted: Uint8Array): boolean {
  if (uint16At(bytes, attribute + 2) !== wanted.length) return false;
  const value = attribute + ATTRIBUTE_HEADER;
  for (let i = 0; i < wanted.length; i++) if (bytes[value + i] !== wanted[i]) return false;
  return true;
}

/**
 * True when the message in order carries MESSAGE-INTEGRITY under `key` (see `hmacSha1Key`) and no wrong FINGERPRINT. Its
 * length field is written over meanwhile, as both are made with the length up to their own end.
 */
export function stunIsAuthentic(bytes: Uint8Array, at: number, length: number, key: Int32Array): boolean {
  const signature = stunAttribute(bytes, at, length, STUN_INTEGRITY);
  if (signature < 0 || uint16At(bytes, signature + 2) !== SHA1_BYTES) return false;
  putUint16(bytes, at + 2, signature + INTEGRITY_BYTES - at - STUN_HEADER_BYTES);
  hmacSha1(key, bytes, at, signature, digest, 0);
  putUint16(bytes, at + 2, length - STUN_HEADER_BYTES);
  let difference = 0;
  for (let i = 0; i < SHA1_BYTES; i++) difference |= digest[i] ^ bytes[signature + ATTRIBUTE_HEADER + i];
  return difference === 0 && isFingerprintRight(bytes, at, length, signature + INTEGRITY_BYTES);
}

/**
 * Writes the success response to the request at `request` to `at`: XOR-MAPPED-ADDRESS with four words of base/address.ts
 * and a port, MESSAGE-INTEGRITY under `key`, FINGERPRINT. Returns its length.
 */
export function writeStunSuccess(
  bytes: Uint8Array,
  at: number,
  requestBytes: Uint8Array,
  request: number,
  words: Uint32Array,
  wordsAt: number,
  port: number,
  key: Int32Array,
): number {
  putUint16(bytes, at, STUN_SUCCESS);
  putUint32(bytes, at + 4, STUN_MAGIC);
  for (let i = 0; i < STUN_TRANSACTION_BYTES; i++) {
    bytes[at + STUN_TRANSACTION + i] = requestBytes[request + STUN_TRANSACTION + i];
  }
  const end = putMappedAddress(bytes, at, words, wordsAt, port);
  return sealStun(bytes, at, end - at, key);
}

/**
 * Appends MESSAGE-INTEGRITY under `key` and FINGERPRINT to a message of `length` bytes without them, with the length field
 * to match. Returns the whole length.
 */
export function sealStun(bytes: Uint8Array, at: number, length: number, key: Int32Array): number {
  const signature = at + length;
  putUint16(bytes, at + 2, length + INTEGRITY_BYTES - STUN_HEADER_BYTES);
  putUint16(bytes, signature, STUN_INTEGRITY);
  putUint16(bytes, signature + 2, SHA1_BYTES);
  hmacSha1(key, bytes, at, signature, bytes, signature + ATTRIBUTE_HEADER);
  const check = signature + INTEGRITY_BYTES;
  putUint16(bytes, at + 2, length + INTEGRITY_BYTES + FINGERPRINT_BYTES - STUN_HEADER_BYTES);
  putUint16(bytes, check, STUN_FINGERPRINT);
  putUint16(bytes, check + 2, 4);
  putUint32(bytes, check + ATTRIBUTE_HEADER, crc32(bytes, at, check) ^ FINGERPRINT_XOR);
  return length + INTEGRITY_BYTES + FINGERPRINT_BYTES;
}

/** The attribute behind the one at `attribute`, padded to four bytes. */
function behind(bytes: Uint8Array, attribute: number): number {
  return attribute + ATTRIBUTE_HEADER + ((uint16At(bytes, attribute + 2) + 3) & ~3);
}

/** FINGERPRINT is the last attribute where there is one; `from` is behind MESSAGE-INTEGRITY. */
function isFingerprintRight(bytes: Uint8Array, at: number, length: number, from: number): boolean {
  const end = at + length;
  for (let next = from; next < end; next = behind(bytes, next)) {
    if (uint16At(bytes, next) !== STUN_FINGERPRINT) continue;
    if (next + FINGERPRINT_BYTES !== end || uint16At(bytes, next + 2) !== 4) return false;
    return uint32At(bytes, next + ATTRIBUTE_HEADER) === ((crc32(bytes, at, next) ^ FINGERPRINT_XOR) >>> 0);
  }
  return true;
}

/** RFC 8489 section 14.2; returns where the attribute ends. */
function putMappedAddress(
  bytes: Uint8Array,
  at: number,
  words: Uint32Array,
  wordsAt: number,
  port: number,
): number {
  const attribute = at + STUN_HEADER_BYTES;
  const isIPv4 = words[wordsAt] === 0 && words[wordsAt + 1] === 0 && words[wordsAt + 2] === 0xffff;
  const value = attribute + ATTRIBUTE_HEADER;
  putUint16(bytes, attribute, STUN_XOR_MAPPED_ADDRESS);
  putUint16(bytes, attribute + 2, isIPv4 ? 8 : 20);
  putUint16(bytes, value, isIPv4 ? 1 : 2);
  putUint16(bytes, value + 2, port ^ (STUN_MAGIC >>> 16));
  if (isIPv4) {
    putUint32(bytes, value + 4, words[wordsAt + 3] ^ STUN_MAGIC);
    return value + 8;
  }
  // Magic and transaction id stand together in the header.
  for (let i = 0; i < 4; i++) {
    putUint32(bytes, value + 4 + 4 * i, words[wordsAt + i] ^ uint32At(bytes, at + 4 + 4 * i));
  }
  return value + 20;
}
