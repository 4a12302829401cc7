import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { ADDRESS_WORDS, formatAddress, parseAddress, type SocketAddress } from "../../base/mod.ts";
import { crc32 } from "./crc32.ts";

/** A STUN message of the Binding method (RFC 8489) with the attributes that ICE uses (RFC 8445 section 16.1). */
export interface StunMessage {
  kind: "request" | "indication" | "success" | "error";
  /** 12 bytes as 24 hex digits. */
  transactionId: string;
  username?: string;
  /** Candidate priority, 32 bits. */
  priority?: number;
  useCandidate?: boolean;
  /** Tie-breaker of a controlling agent, 64 bits. */
  controlling?: bigint;
  /** Tie-breaker of a controlled agent, 64 bits. */
  controlled?: bigint;
  mappedAddress?: SocketAddress;
  /** 300–699. */
  errorCode?: number;
}

/** A message as read, with what is needed to verify it. */
export interface ReceivedStun extends StunMessage {
  /** Byte offset of MESSAGE-INTEGRITY, -1 when there is none. */
  integrityAt: number;
}

const MAGIC = 0x2112a442;
const HEADER_BYTES = 20;
const MAX_BYTES = 2048;
const kinds = { request: 0x0001, indication: 0x0011, success: 0x0101, error: 0x0111 } as const;
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  controlled: 0x8029,
  controlling: 0x802a,
} as const;

/**
 * Reads a Binding message; null when the bytes are none, or when a FINGERPRINT is there and wrong. Attributes of other
 * meaning are skipped, comprehension-required ones too: nothing that they could ask for would change what ICE does.
 */
export function parseStun(bytes: Uint8Array): ReceivedStun | null {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kindOf(view.getUint16(0));
  if (kind === null || view.getUint32(4) !== MAGIC || view.getUint16(2) !== bytes.length - HEADER_BYTES) {
    return null;
  }
  const message: ReceivedStun = { kind, transactionId: hex(bytes, 8, 20), integrityAt: -1 };
  let at = HEADER_BYTES;
  while (at + 4 <= bytes.length) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (at + 4 + length > bytes.length) return null;
    if (type === ATTRIBUTE.fingerprint) {
      return length === 4 && view.getUint32(at + 4) === fingerprint(bytes, at) ? message : null;
    }
    // Nothing that follows MESSAGE-INTEGRITY is covered by it (RFC 8489 section 14.5).
    if (message.integrityAt < 0 && !readAttribute(message, view, type, at, length)) return null;
    at += 4 + length + (-length & 3);
  }
  return at === bytes.length ? message : null;
}

function kindOf(type: number): StunMessage["kind"] | null {
  const entry = Object.entries(kinds).find(([, value]) => value === type);
  return entry ? entry[0] as StunMessage["kind"] : null;
}

/** Returns false when the attribute's value has the wrong length. */
function readAttribute(
  message: ReceivedStun,
  view: DataView,
  type: number,
  at: number,
  length: number,
): boolean {
  const value = at + 4;
  switch (type) {
    case ATTRIBUTE.username:
      message.username = latin1(view, value, length);
      return length <= 513;
    case ATTRIBUTE.messageIntegrity:
      message.integrityAt = at;
      return length === 20;
    case ATTRIBUTE.errorCode:
      if (length < 4) return false;
      message.errorCode = (view.getUint8(value + 2) & 7) * 100 + view.getUint8(value + 3);
      return true;
    case ATTRIBUTE.xorMappedAddress:
      return readMappedAddress(message, view, value, length);
    case ATTRIBUTE.priority:
      if (length !== 4) return false;
      message.priority = view.getUint32(value);
      return true;
    case ATTRIBUTE.useCandidate:
      message.useCandidate = true;
      return true;
    case ATTRIBUTE.controlled:
    case ATTRIBUTE.controlling:
      if (length !== 8) return false;
      message[type === ATTRIBUTE.controlled ? "controlled" : "controlling"] = view.getBigUint64(value);
      return true;
    default:
      return true;
  }
}

function readMappedAddress(message: StunMessage, view: DataView, at: number, length: number): boolean {
  const family = length >= 8 ? view.getUint8(at + 1) : 0;
  if (!(family === 1 && length === 8) && !(family === 2 && length === 20)) return false;
  const words = new Uint32Array(ADDRESS_WORDS);
  if (family === 1) words.set([0, 0, 0xffff, (view.getUint32(at + 4) ^ MAGIC) >>> 0]);
  else {for (let i = 0; i < ADDRESS_WORDS; i++) {
      words[i] = view.getUint32(at + 4 + 4 * i) ^ view.getUint32(4 + 4 * i);
    }}
  message.mappedAddress = { address: formatAddress(words), port: view.getUint16(at + 2) ^ (MAGIC >>> 16) };
  return true;
}

/** True when MESSAGE-INTEGRITY was made with `password` (RFC 8489 section 14.5, short-term credentials). */
export function verifyIntegrity(bytes: Uint8Array, message: ReceivedStun, password: string): boolean {
  if (message.integrityAt < 0) return false;
  const signature = bytes.subarray(message.integrityAt + 4, message.integrityAt + 24);
  return timingSafeEqual(signature, integrity(bytes, message.integrityAt, password));
}

/** Writes a message with MESSAGE-INTEGRITY under `password` and FINGERPRINT. */
export function encodeStun(message: StunMessage, password: string): Uint8Array {
  const bytes = new Uint8Array(MAX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kinds[message.kind]);
  view.setUint32(4, MAGIC);
  bytes.set(Buffer.from(message.transactionId, "hex"), 8);
  let at = writeAttributes(message, view, bytes);
  const signature = integrity(bytes, at, password);
  at = writeAttribute(view, bytes, at, ATTRIBUTE.messageIntegrity, signature);
  const crc = fingerprint(bytes, at);
  at = writeAttribute(view, bytes, at, ATTRIBUTE.fingerprint, uint32(crc));
  view.setUint16(2, at - HEADER_BYTES);
  return bytes.slice(0, at);
}

function writeAttributes(message: StunMessage, view: DataView, bytes: Uint8Array): number {
  const values: [number, Uint8Array | undefined][] = [
    [
      ATTRIBUTE.username,
      message.username === undefined ? undefined : Buffer.from(message.username, "latin1"),
    ],
    [ATTRIBUTE.errorCode, message.errorCode === undefined ? undefined : errorValue(message.errorCode)],
    [ATTRIBUTE.xorMappedAddress, message.mappedAddress && mappedValue(message.mappedAddress, view)],
    [ATTRIBUTE.priority, message.priority === undefined ? undefined : uint32(message.priority)],
    [ATTRIBUTE.useCandidate, message.useCandidate ? new Uint8Array(0) : undefined],
    [ATTRIBUTE.controlled, message.controlled === undefined ? undefined : uint64(message.controlled)],
    [ATTRIBUTE.controlling, message.controlling === undefined ? undefined : uint64(message.controlling)],
  ];
  return values.reduce(
    (at, [type, value]) => value ? writeAttribute(view, bytes, at, type, value) : at,
    HEADER_BYTES,
  );
}

function writeAttribute(
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

function mappedValue(address: SocketAddress, view: DataView): Uint8Array {
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

function errorValue(code: number): Uint8Array {
  return new Uint8Array([0, 0, Math.floor(code / 100), code % 100]);
}

function uint32(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);
}

function uint64(value: bigint): Uint8Array {
  return new Uint8Array([...uint32(Number(value >> 32n)), ...uint32(Number(value & 0xffffffffn))]);
}

/** HMAC-SHA1 over the message up to `at`, with the length field as if MESSAGE-INTEGRITY were the last attribute. */
function integrity(bytes: Uint8Array, at: number, password: string): Buffer {
  const covered = withLength(bytes, at, at + 24 - HEADER_BYTES);
  return createHmac("sha1", password).update(covered).digest();
}

/** CRC-32 over the message up to `at`, with the length field as if FINGERPRINT were the last attribute. */
function fingerprint(bytes: Uint8Array, at: number): number {
  return (crc32(withLength(bytes, at, at + 8 - HEADER_BYTES), at) ^ 0x5354554e) >>> 0;
}

function withLength(bytes: Uint8Array, end: number, length: number): Uint8Array {
  const copy = bytes.slice(0, end);
  copy[2] = length >>> 8;
  copy[3] = length & 0xff;
  return copy;
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("hex");
}

function latin1(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString("latin1");
}
