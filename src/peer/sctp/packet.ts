import { packetChecksum } from "./crc32c.ts";

/** One chunk of a packet: `value` without the chunk's header and padding (RFC 9260 section 3.2). */
export interface Chunk {
  type: number;
  flags: number;
  value: Uint8Array;
}

export interface Packet {
  sourcePort: number;
  destinationPort: number;
  verificationTag: number;
  chunks: Chunk[];
}

/**
 * Bytes of the largest packet that is sent. With DTLS, TURN and IPv6 around it, it still goes over a path of 1280 bytes.
 */
export const PACKET_BYTES = 1184;

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 4;

const padded = (length: number) => (length + 3) & ~3;

/** A packet with all chunks up to the first malformed one; null when it is none or its checksum is wrong. */
export function readPacket(bytes: Uint8Array): Packet | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8, true) !== packetChecksum(bytes)) return null;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    verificationTag: view.getUint32(4),
    chunks: readChunks(bytes, view),
  };
}

function readChunks(bytes: Uint8Array, view: DataView): Chunk[] {
  const chunks: Chunk[] = [];
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    const length = view.getUint16(at + 2);
    if (length < CHUNK_HEADER_BYTES || at + length > bytes.length) break;
    chunks.push({
      type: bytes[at],
      flags: bytes[at + 1],
      value: bytes.subarray(at + CHUNK_HEADER_BYTES, at + length),
    });
    at += padded(length);
  }
  return chunks;
}

/** Puts chunks together into packets of at most PACKET_BYTES and sends each when the next chunk fits no more. */
export class PacketWriter {
  #bytes = new Uint8Array(0);
  #end = 0;

  constructor(
    readonly port: { local: number; remote: number },
    readonly verificationTag: number,
    readonly send: (packet: Uint8Array) => void,
  ) {}

  /** Adds a chunk whose value is `head` and then `body`. */
  add(type: number, flags: number, head: Uint8Array, body?: Uint8Array): void {
    const length = CHUNK_HEADER_BYTES + head.length + (body?.length ?? 0);
    if (this.#end + padded(length) > this.#bytes.length) this.#begin(HEADER_BYTES + padded(length));
    const bytes = this.#bytes;
    const at = this.#end;
    bytes[at] = type;
    bytes[at + 1] = flags;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length & 0xff;
    bytes.set(head, at + CHUNK_HEADER_BYTES);
    if (body) bytes.set(body, at + CHUNK_HEADER_BYTES + head.length);
    this.#end = at + padded(length);
  }

  /** Sends what is there. */
  flush(): void {
    if (this.#end === 0) return;
    const packet = this.#bytes.subarray(0, this.#end);
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    view.setUint32(8, packetChecksum(packet), true);
    this.#end = 0;
    this.#bytes = new Uint8Array(0);
    this.send(packet);
  }

  /** A new packet; larger than the others only for a chunk that could not be sent at all otherwise. */
  #begin(leastBytes: number): void {
    this.flush();
    this.#bytes = new Uint8Array(Math.max(PACKET_BYTES, leastBytes));
    const view = new DataView(this.#bytes.buffer);
    view.setUint16(0, this.port.local);
    view.setUint16(2, this.port.remote);
    view.setUint32(4, this.verificationTag);
    this.#end = HEADER_BYTES;
  }
}
