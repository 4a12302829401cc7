/** Chunk types (RFC 9260 section 3.2, RFC 3758 section 3.2, RFC 6525 section 3.1). */
export const CHUNK = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  reconfig: 130,
  forwardTsn: 192,
} as const;

/** Flags of a DATA chunk (RFC 9260 section 3.3.1). */
const IMMEDIATE = 0x08;
const UNORDERED = 0x04;
const BEGINNING = 0x02;
const ENDING = 0x01;

const DATA_HEADER_BYTES = 12;
const SACK_HEADER_BYTES = 12;

/** One fragment of a message. */
export interface DataChunk {
  tsn: number;
  streamId: number;
  /** Number of the message in its stream; means nothing when unordered. */
  ssn: number;
  /** Payload protocol identifier (RFC 8831 section 8). */
  ppid: number;
  unordered: boolean;
  first: boolean;
  last: boolean;
  /** The sender asks for an acknowledgement at once (RFC 7053). */
  immediate: boolean;
  payload: Uint8Array;
}

/** Acknowledgement (RFC 9260 section 3.3.4); gaps as offsets from the cumulative TSN, both ends included. */
export interface Sack {
  cumulativeTsn: number;
  windowBytes: number;
  gaps: { start: number; end: number }[];
}

/** What the sender gave up (RFC 3758 section 3.2). */
export interface ForwardTsn {
  cumulativeTsn: number;
  /** Last number given up of each ordered stream. */
  skipped: { streamId: number; ssn: number }[];
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Null when it is malformed or has no payload. */
export function readData(flags: number, value: Uint8Array): DataChunk | null {
  if (value.length <= DATA_HEADER_BYTES) return null;
  const view = viewOf(value);
  return {
    tsn: view.getUint32(0),
    streamId: view.getUint16(4),
    ssn: view.getUint16(6),
    ppid: view.getUint32(8),
    unordered: (flags & UNORDERED) !== 0,
    first: (flags & BEGINNING) !== 0,
    last: (flags & ENDING) !== 0,
    immediate: (flags & IMMEDIATE) !== 0,
    payload: value.subarray(DATA_HEADER_BYTES),
  };
}

export function dataFlags(chunk: Pick<DataChunk, "unordered" | "first" | "last">): number {
  return (chunk.unordered ? UNORDERED : 0) | (chunk.first ? BEGINNING : 0) | (chunk.last ? ENDING : 0);
}

/** The fields of a DATA chunk that stand before its payload. */
export function dataHead(chunk: Pick<DataChunk, "tsn" | "streamId" | "ssn" | "ppid">): Uint8Array {
  const bytes = new Uint8Array(DATA_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, chunk.tsn);
  view.setUint16(4, chunk.streamId);
  view.setUint16(6, chunk.ssn);
  view.setUint32(8, chunk.ppid);
  return bytes;
}

/** Null when it is malformed. Gaps end at the first that does not stand behind the one before it. */
export function readSack(value: Uint8Array): Sack | null {
  if (value.length < SACK_HEADER_BYTES) return null;
  const view = viewOf(value);
  const count = view.getUint16(8);
  if (value.length < SACK_HEADER_BYTES + 4 * count) return null;
  const gaps: Sack["gaps"] = [];
  let behind = 0;
  for (let i = 0; i < count; i++) {
    const start = view.getUint16(SACK_HEADER_BYTES + 4 * i);
    const end = view.getUint16(SACK_HEADER_BYTES + 4 * i + 2);
    if (start <= behind || end < start) break;
    gaps.push({ start, end });
    behind = end;
  }
  return { cumulativeTsn: view.getUint32(0), windowBytes: view.getUint32(4), gaps };
}

export function writeSack(sack: Sack, duplicates: number[]): Uint8Array {
  const bytes = new Uint8Array(SACK_HEADER_BYTES + 4 * (sack.gaps.length + duplicates.length));
  const view = viewOf(bytes);
  view.setUint32(0, sack.cumulativeTsn);
  view.setUint32(4, sack.windowBytes);
  view.setUint16(8, sack.gaps.length);
  view.setUint16(10, duplicates.length);
  let at = SACK_HEADER_BYTES;
  for (const { start, end } of sack.gaps) {
    view.setUint16(at, start);
    view.setUint16(at + 2, end);
    at += 4;
  }
  for (const tsn of duplicates) {
    view.setUint32(at, tsn);
    at += 4;
  }
  return bytes;
}

/** Null when it is malformed. */
export function readForwardTsn(value: Uint8Array): ForwardTsn | null {
  if (value.length < 4) return null;
  const view = viewOf(value);
  const skipped: ForwardTsn["skipped"] = [];
  for (let at = 4; at + 4 <= value.length; at += 4) {
    skipped.push({ streamId: view.getUint16(at), ssn: view.getUint16(at + 2) });
  }
  return { cumulativeTsn: view.getUint32(0), skipped };
}

export function writeForwardTsn(forward: ForwardTsn): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * forward.skipped.length);
  const view = viewOf(bytes);
  view.setUint32(0, forward.cumulativeTsn);
  forward.skipped.forEach(({ streamId, ssn }, index) => {
    view.setUint16(4 + 4 * index, streamId);
    view.setUint16(6 + 4 * index, ssn);
  });
  return bytes;
}
