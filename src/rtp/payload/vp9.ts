import { joined, type Packetizer, type PayloadAssembler, split } from "./payload_format.ts";

const PICTURE_ID = 0x80;
const INTER = 0x40;
const LAYERS = 0x20;
const FLEXIBLE = 0x10;
const STARTS = 0x08;
const ENDS = 0x04;
const STRUCTURE = 0x02;

/** VP9 (RFC 9628) without layers, in non-flexible mode, with a picture id of 15 bits. */
export class Vp9Packetizer implements Packetizer {
  #pictureId = 0;

  packetize(frame: Uint8Array, maxBytes: number): Uint8Array[] {
    const first = PICTURE_ID | (isVp9Keyframe(frame) ? 0 : INTER);
    const id = [0x80 | this.#pictureId >> 8, this.#pictureId & 0xff];
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    const parts = split(frame, maxBytes - 3);
    return parts.map((part, index) => {
      const edges = (index === 0 ? STARTS : 0) | (index === parts.length - 1 ? ENDS : 0);
      return joined([new Uint8Array([first | edges, ...id]), part]);
    });
  }
}

/** Takes all layers that come; a decoder is given the superframe of a picture. */
export class Vp9Assembler implements PayloadAssembler {
  #parts: Uint8Array[] = [];
  #keyframe = false;

  add(payload: Uint8Array): boolean {
    const length = descriptorLength(payload);
    if (length < 0 || length >= payload.length) return false;
    const startsFrame = (payload[0] & STARTS) !== 0;
    if (this.#parts.length === 0) {
      if (!startsFrame) return false;
      this.#keyframe = !(payload[0] & INTER);
    }
    this.#parts.push(payload.subarray(length));
    return true;
  }

  take() {
    if (this.#parts.length === 0) return null;
    const bytes = joined(this.#parts);
    this.#parts = [];
    return { bytes, keyframe: this.#keyframe };
  }
}

/** True for a key frame by its uncompressed header (VP9 bitstream specification section 6.2). */
function isVp9Keyframe(frame: Uint8Array): boolean {
  if (frame.length === 0 || frame[0] >>> 6 !== 2) return false;
  const profile = (frame[0] >>> 5 & 1) | (frame[0] >>> 3 & 2);
  const shift = profile === 3 ? 2 : 3;
  const showsExisting = frame[0] >>> shift & 1;
  return !showsExisting && !(frame[0] >>> (shift - 1) & 1);
}

/** Bytes of the payload descriptor (RFC 9628 section 4.2), -1 when it is cut off. */
function descriptorLength(payload: Uint8Array): number {
  if (payload.length === 0) return -1;
  const flags = payload[0];
  let length = 1;
  if (flags & PICTURE_ID) length += (payload[length] ?? 0) & 0x80 ? 2 : 1;
  if (flags & LAYERS) length += flags & FLEXIBLE ? 1 : 2;
  if ((flags & FLEXIBLE) && (flags & INTER)) {
    let more = true;
    for (let i = 0; more && i < 3; i++) more = ((payload[length++] ?? 0) & 1) === 1;
  }
  if (flags & STRUCTURE) length = structureEnd(payload, length);
  return length > payload.length ? -1 : length;
}

function structureEnd(payload: Uint8Array, start: number): number {
  const header = payload[start] ?? 0;
  let at = start + 1;
  if (header & 0x10) at += 4 * ((header >>> 5) + 1);
  if (!(header & 0x08)) return at;
  const groups = payload[at++] ?? 0;
  for (let i = 0; i < groups && at < payload.length; i++) at += 1 + (payload[at] >>> 2 & 3);
  return at;
}
