import { joined, type Packetizer, type PayloadAssembler } from "./payload_format.ts";

const TEMPORAL_DELIMITER = 2;
const TILE_LIST = 8;
const SEQUENCE_HEADER = 1;
const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;
const CONTINUES = 0x80;
const CONTINUED = 0x40;
const NEW_SEQUENCE = 0x08;
/** W = 1: one OBU element in the packet, without a length of its own. */
const ONE_ELEMENT = 0x10;

/** One OBU element, or a part of one, per packet ("RTP Payload Format For AV1" section 4.4). */
export const av1Packetizer = (): Packetizer => ({ packetize });

function packetize(frame: Uint8Array, maxBytes: number): Uint8Array[] {
  const obus = obusOf(frame);
  const keyframe = obus.some((obu) => typeOf(obu) === SEQUENCE_HEADER);
  const payloads = groups(obus, maxBytes - 1).flatMap((group) => inPackets(group, maxBytes - 1));
  if (keyframe && payloads.length > 0) payloads[0][0] |= NEW_SEQUENCE;
  return payloads;
}

/** Small OBUs travel together, up to three with W telling how many; a large one has packets to itself. */
function groups(obus: Uint8Array[], maxBytes: number): Uint8Array[][] {
  const made: Uint8Array[][] = [];
  let bytes = Infinity;
  for (const obu of obus) {
    const fits = bytes + obu.length + 2 <= maxBytes && made[made.length - 1].length < 3;
    if (fits) made[made.length - 1].push(obu);
    else made.push([obu]);
    bytes = fits ? bytes + obu.length + 2 : obu.length;
  }
  return made;
}

function inPackets(group: Uint8Array[], maxBytes: number): Uint8Array[] {
  if (group.length > 1) {
    const last = group.length - 1;
    const elements = group.map((obu, index) => index === last ? obu : joined([leb128(obu.length), obu]));
    return [joined([new Uint8Array([group.length << 4]), ...elements])];
  }
  const [obu] = group;
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < obu.length; at += maxBytes) {
    const flags = ONE_ELEMENT | (at > 0 ? CONTINUES : 0) | (at + maxBytes < obu.length ? CONTINUED : 0);
    payloads.push(joined([new Uint8Array([flags]), obu.subarray(at, at + maxBytes)]));
  }
  return payloads;
}

export class Av1Assembler implements PayloadAssembler {
  #obus: Uint8Array[] = [];
  #part: Uint8Array[] | null = null;

  add(payload: Uint8Array): boolean {
    if (payload.length < 2) return false;
    const elements = elementsOf(payload);
    if (!elements) return false;
    if (((payload[0] & CONTINUES) !== 0) !== (this.#part !== null)) return false;
    elements.forEach((element, index) => {
      const parts = index === 0 && this.#part ? [...this.#part, element] : [element];
      const isOpen = index === elements.length - 1 && (payload[0] & CONTINUED) !== 0;
      this.#part = isOpen ? parts : null;
      if (!isOpen) this.#obus.push(joined(parts));
    });
    return true;
  }

  take() {
    const obus = this.#obus.filter((obu) => obu.length > 0);
    const broken = this.#part !== null;
    this.#obus = [];
    this.#part = null;
    if (obus.length === 0 || broken) return null;
    const keyframe = obus.some((obu) => typeOf(obu) === SEQUENCE_HEADER);
    const delimiter = new Uint8Array([TEMPORAL_DELIMITER << 3 | HAS_SIZE, 0]);
    return { bytes: joined([delimiter, ...obus.map(withSize)]), keyframe };
  }
}

function elementsOf(payload: Uint8Array): Uint8Array[] | null {
  const count = payload[0] >>> 4 & 3;
  const elements: Uint8Array[] = [];
  let at = 1;
  while (at < payload.length) {
    let size = payload.length - at;
    if (elements.length + 1 !== count) {
      const length = readLeb128(payload, at);
      if (!length || length.next + length.value > payload.length) return null;
      at = length.next;
      size = length.value;
    }
    elements.push(payload.subarray(at, at + size));
    at += size;
  }
  return elements.length > 0 && (count === 0 || count === elements.length) ? elements : null;
}

/** The OBUs of a temporal unit without their sizes; delimiters and tile lists do not travel. */
function obusOf(frame: Uint8Array): Uint8Array[] {
  const obus: Uint8Array[] = [];
  let at = 0;
  while (at < frame.length) {
    const header = frame[at] & HAS_EXTENSION ? 2 : 1;
    const size = frame[at] & HAS_SIZE
      ? readLeb128(frame, at + header)
      : { value: frame.length - at - header, next: at + header };
    if (!size || size.next + size.value > frame.length) return obus;
    const type = typeOf(frame.subarray(at));
    if (type !== TEMPORAL_DELIMITER && type !== TILE_LIST) {
      const bare = frame.slice(at, at + header);
      bare[0] &= ~HAS_SIZE;
      obus.push(joined([bare, frame.subarray(size.next, size.next + size.value)]));
    }
    at = size.next + size.value;
  }
  return obus;
}

function withSize(obu: Uint8Array): Uint8Array {
  if (obu[0] & HAS_SIZE) return obu;
  const header = obu[0] & HAS_EXTENSION ? 2 : 1;
  const head = obu.slice(0, header);
  head[0] |= HAS_SIZE;
  return joined([head, leb128(obu.length - header), obu.subarray(header)]);
}

const typeOf = (obu: Uint8Array) => obu[0] >>> 3 & 0x0f;

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(rest % 128);
  }
  return new Uint8Array(bytes.map((byte, index) => index < bytes.length - 1 ? byte | 0x80 : byte));
}

function readLeb128(bytes: Uint8Array, at: number): { value: number; next: number } | null {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return null;
}
