import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { SocketAddress } from "../../base/mod.ts";
import {
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
} from "../ice/stun_format.ts";

/** A message of TURN's own methods (RFC 8656 section 17) with the attributes that a client needs. */
export interface TurnMessage {
  method: "allocate" | "refresh" | "send" | "data" | "createPermission" | "channelBind";
  kind: "request" | "indication" | "success" | "error";
  /** 12 bytes as 24 hex digits. */
  transactionId: string;
  username?: string;
  realm?: string;
  nonce?: string;
  /** 300–699. */
  errorCode?: number;
  /** Seconds. */
  lifetime?: number;
  /** 0x4000–0x4fff. */
  channelNumber?: number;
  peerAddress?: SocketAddress;
  relayedAddress?: SocketAddress;
  mappedAddress?: SocketAddress;
  /** Ask for a relayed UDP port. */
  requestUdp?: boolean;
  data?: Uint8Array;
}

/** A message as read; `integrityAt` is the byte offset of MESSAGE-INTEGRITY, -1 when there is none. */
export interface ReceivedTurn extends TurnMessage {
  integrityAt: number;
}

/** Key of the long-term credential mechanism (RFC 8489 section 9.2.2). */
export function longTermKey(username: string, realm: string, password: string): Uint8Array {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}

const methods = { allocate: 3, refresh: 4, send: 6, data: 7, createPermission: 8, channelBind: 9 } as const;
const classes = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 } as const;
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  peerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  relayedAddress: 0x0016,
  requestedTransport: 0x0019,
  mappedAddress: 0x0020,
} as const;
const UDP = 17 << 24;

/** Reads what a TURN server sent; null when it is no message of its methods. Attributes of other meaning are skipped. */
export function parseTurn(bytes: Uint8Array): ReceivedTurn | null {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(0);
  const method = nameOf(methods, type & 0x3eef);
  const kind = nameOf(classes, type & 0x0110);
  if (!method || !kind || view.getUint32(4) !== MAGIC || view.getUint16(2) !== bytes.length - HEADER_BYTES) {
    return null;
  }
  const message: ReceivedTurn = { method, kind, transactionId: hex(bytes, 8, 20), integrityAt: -1 };
  let at = HEADER_BYTES;
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at + 2);
    if (at + 4 + length > bytes.length) return null;
    if (message.integrityAt < 0 && !readAttribute(message, view, view.getUint16(at), at, length)) return null;
    at += 4 + length + (-length & 3);
  }
  return at === bytes.length ? message : null;
}

function nameOf<Name extends string>(table: Record<Name, number>, value: number): Name | undefined {
  return (Object.keys(table) as Name[]).find((name) => table[name] === value);
}

/** Returns false when the attribute's value has the wrong form. */
function readAttribute(
  message: ReceivedTurn,
  view: DataView,
  type: number,
  at: number,
  length: number,
): boolean {
  const value = at + 4;
  switch (type) {
    case ATTRIBUTE.messageIntegrity:
      message.integrityAt = at;
      return length === 20;
    case ATTRIBUTE.errorCode:
      if (length < 4) return false;
      message.errorCode = (view.getUint8(value + 2) & 7) * 100 + view.getUint8(value + 3);
      return true;
    case ATTRIBUTE.lifetime:
      if (length !== 4) return false;
      message.lifetime = view.getUint32(value);
      return true;
    case ATTRIBUTE.realm:
      message.realm = Buffer.from(latin1(view, value, length), "latin1").toString("utf8");
      return length <= 763;
    case ATTRIBUTE.nonce:
      message.nonce = latin1(view, value, length);
      return length <= 763;
    case ATTRIBUTE.data:
      message.data = new Uint8Array(view.buffer, view.byteOffset + value, length);
      return true;
    default:
      return readAddress(message, view, type, value, length);
  }
}

function readAddress(
  message: ReceivedTurn,
  view: DataView,
  type: number,
  at: number,
  length: number,
): boolean {
  const names = ["peerAddress", "relayedAddress", "mappedAddress"] as const;
  const name = names.find((each) => ATTRIBUTE[each] === type);
  if (!name) return true;
  const address = readXorAddress(view, at, length);
  if (address) message[name] = address;
  return address !== null;
}

/** True when MESSAGE-INTEGRITY was made with `key`. */
export function verifyTurn(bytes: Uint8Array, message: ReceivedTurn, key: Uint8Array): boolean {
  if (message.integrityAt < 0) return false;
  const signature = bytes.subarray(message.integrityAt + 4, message.integrityAt + 24);
  return timingSafeEqual(signature, integrity(bytes, message.integrityAt, key));
}

/** Writes a message, with MESSAGE-INTEGRITY where there is a key. Data of more than 1600 bytes finds no room. */
export function encodeTurn(message: TurnMessage, key: Uint8Array | null): Uint8Array {
  const bytes = new Uint8Array(MAX_BYTES + (message.data?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, methods[message.method] | classes[message.kind]);
  view.setUint32(4, MAGIC);
  bytes.set(Buffer.from(message.transactionId, "hex"), 8);
  let at = HEADER_BYTES;
  for (const [type, value] of attributesOf(message, view)) {
    if (value) at = writeAttribute(view, bytes, at, type, value);
  }
  if (key) at = writeAttribute(view, bytes, at, ATTRIBUTE.messageIntegrity, integrity(bytes, at, key));
  view.setUint16(2, at - HEADER_BYTES);
  return bytes.slice(0, at);
}

function attributesOf(message: TurnMessage, view: DataView): [number, Uint8Array | undefined | false][] {
  const { username, realm, nonce, lifetime, errorCode, channelNumber } = message;
  const address = (value?: SocketAddress) => value && xorAddress(value, view);
  return [
    [ATTRIBUTE.errorCode, errorCode !== undefined && errorValue(errorCode)],
    [ATTRIBUTE.channelNumber, channelNumber !== undefined && uint32(channelNumber << 16)],
    [ATTRIBUTE.lifetime, lifetime !== undefined && uint32(lifetime)],
    [ATTRIBUTE.requestedTransport, message.requestUdp === true && uint32(UDP)],
    [ATTRIBUTE.peerAddress, address(message.peerAddress)],
    [ATTRIBUTE.relayedAddress, address(message.relayedAddress)],
    [ATTRIBUTE.mappedAddress, address(message.mappedAddress)],
    [ATTRIBUTE.data, message.data],
    [ATTRIBUTE.username, username !== undefined && Buffer.from(username, "utf8")],
    [ATTRIBUTE.realm, realm !== undefined && Buffer.from(realm, "utf8")],
    [ATTRIBUTE.nonce, nonce !== undefined && Buffer.from(nonce, "latin1")],
  ];
}

function errorValue(code: number): Uint8Array {
  return new Uint8Array([0, 0, Math.floor(code / 100), code % 100]);
}
