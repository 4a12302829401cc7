import { joined, type Packetizer, type PayloadAssembler, split } from "./payload_format.ts";

const START = 0x10;
const EXTENDED = 0x80;

/** VP8 (RFC 7741) with a picture id of 15 bits, which lets receivers see that a frame is missing. */
export class Vp8Packetizer implements Packetizer {
  #pictureId = 0;

  packetize(frame: Uint8Array, maxBytes: number): Uint8Array[] {
    const descriptor = [EXTENDED, 0x80, 0x80 | this.#pictureId >> 8, this.#pictureId & 0xff];
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    return split(frame, maxBytes - descriptor.length).map((part, index) => {
      const payload = new Uint8Array(descriptor.length + part.length);
      payload.set(descriptor);
      if (index === 0) payload[0] |= START;
      payload.set(part, descriptor.length);
      return payload;
    });
  }
}

export class Vp8Assembler implements PayloadAssembler {
  #parts: Uint8Array[] = [];

  add(payload: Uint8Array): boolean {
    const length = descriptorLength(payload);
    if (length < 0 || length >= payload.length) return false;
    const startsFrame = (payload[0] & 0x1f) === START;
    if (startsFrame !== (this.#parts.length === 0)) return false;
    this.#parts.push(payload.subarray(length));
    return true;
  }

  take() {
    if (this.#parts.length === 0) return null;
    const bytes = joined(this.#parts);
    this.#parts = [];
    return { bytes, keyframe: (bytes[0] & 1) === 0 };
  }
}

/** Bytes of the payload descriptor (RFC 7741 section 4.2), -1 when it is cut off. */
function descriptorLength(payload: Uint8Array): number {
  if (payload.length === 0) return -1;
  if (!(payload[0] & EXTENDED)) return 1;
  if (payload.length < 3) return -1;
  const flags = payload[1];
  let length = 2;
  if (flags & 0x80) length += payload[length] & 0x80 ? 2 : 1;
  if (flags & 0x40) length++;
  if (flags & 0x30) length++;
  return length;
}
