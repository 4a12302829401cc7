import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { SocketAddress } from "../../base/mod.ts";
import {
  fingerprint,
  HEADER_BYTES,
  hex,
  integrity,
  latin1,
  MAGIC,
  MAX_BYTES,
  readXorAddress,
  uint32,
  writeAttribute,
  xorAddress,
} from "./stun_format.ts";

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
      message.mappedAddress = readXorAddress(view, value, length) ?? undefined;
      return message.mappedAddress !== undefined;
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

/** True when MESSAGE-INTEGRITY was made with `password` (RFC 8489 section 14.5, short-term credentials). */
export function verifyIntegrity(bytes: Uint8Array, message: ReceivedStun, password: string): boolean {
  if (message.integrityAt < 0) return false;
  const signature = bytes.subarray(message.integrityAt + 4, message.integrityAt + 24);
  return timingSafeEqual(signature, integrity(bytes, message.integrityAt, password));
}

/** Writes a message with MESSAGE-INTEGRITY under `password` (none for null, as STUN servers are asked) and FINGERPRINT. */
export function encodeStun(message: StunMessage, password: string | null): Uint8Array {
  const bytes = new Uint8Array(MAX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kinds[message.kind]);
  view.setUint32(4, MAGIC);
  bytes.set(Buffer.from(message.transactionId, "hex"), 8);
  let at = writeAttributes(message, view, bytes);
  if (password !== null) {
    at = writeAttribute(view, bytes, at, ATTRIBUTE.messageIntegrity, integrity(bytes, at, password));
  }
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
    [ATTRIBUTE.xorMappedAddress, message.mappedAddress && xorAddress(message.mappedAddress, view)],
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

function errorValue(code: number): Uint8Array {
  return new Uint8Array([0, 0, Math.floor(code / 100), code % 100]);
}

function uint64(value: bigint): Uint8Array {
  return new Uint8Array([...uint32(Number(value >> 32n)), ...uint32(Number(value & 0xffffffffn))]);
}
