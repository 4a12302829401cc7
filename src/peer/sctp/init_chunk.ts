import { CHUNK } from "./chunk.ts";

/** What each side says of itself at the start of an association (RFC 9260 sections 3.3.2 and 3.3.3). */
export interface Init {
  initiateTag: number;
  windowBytes: number;
  outboundStreams: number;
  inboundStreams: number;
  initialTsn: number;
  /** Partial reliability (RFC 3758). */
  forwardTsn: boolean;
  /** Stream reset (RFC 6525). */
  reconfig: boolean;
  /** INIT ACK only; empty in INIT. */
  cookie: Uint8Array;
}

const FIXED_BYTES = 16;
const STATE_COOKIE = 7;
const SUPPORTED_EXTENSIONS = 0x8008;
const FORWARD_TSN_SUPPORTED = 0xc000;

/** Null when it is malformed or has a value that RFC 9260 forbids. */
export function readInit(value: Uint8Array): Init | null {
  if (value.length < FIXED_BYTES) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const init: Init = {
    initiateTag: view.getUint32(0),
    windowBytes: view.getUint32(4),
    outboundStreams: view.getUint16(8),
    inboundStreams: view.getUint16(10),
    initialTsn: view.getUint32(12),
    forwardTsn: false,
    reconfig: false,
    cookie: new Uint8Array(0),
  };
  if (init.initiateTag === 0 || init.outboundStreams === 0 || init.inboundStreams === 0) return null;
  for (let at = FIXED_BYTES; at + 4 <= value.length;) {
    const length = view.getUint16(at + 2);
    if (length < 4 || at + length > value.length) return null;
    takeParameter(init, view.getUint16(at), value.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return init;
}

function takeParameter(init: Init, type: number, value: Uint8Array): void {
  if (type === STATE_COOKIE) init.cookie = value.slice();
  if (type === FORWARD_TSN_SUPPORTED) init.forwardTsn = true;
  if (type !== SUPPORTED_EXTENSIONS) return;
  init.forwardTsn ||= value.includes(CHUNK.forwardTsn);
  init.reconfig ||= value.includes(CHUNK.reconfig);
}

/** The value of an INIT or, with a cookie, of an INIT ACK. */
export function writeInit(init: Init): Uint8Array {
  const head = new Uint8Array(FIXED_BYTES);
  const view = new DataView(head.buffer);
  view.setUint32(0, init.initiateTag);
  view.setUint32(4, init.windowBytes);
  view.setUint16(8, init.outboundStreams);
  view.setUint16(10, init.inboundStreams);
  view.setUint32(12, init.initialTsn);
  const parameters = [
    ...(init.forwardTsn ? [parameter(FORWARD_TSN_SUPPORTED, new Uint8Array(0))] : []),
    parameter(SUPPORTED_EXTENSIONS, new Uint8Array(extensionsOf(init))),
    ...(init.cookie.length > 0 ? [parameter(STATE_COOKIE, init.cookie)] : []),
  ];
  return concat([head, ...parameters]);
}

function extensionsOf(init: Init): number[] {
  return [...(init.reconfig ? [CHUNK.reconfig] : []), ...(init.forwardTsn ? [CHUNK.forwardTsn] : [])];
}

function parameter(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type);
  view.setUint16(2, 4 + value.length);
  bytes.set(value, 4);
  return bytes;
}

function concat(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
