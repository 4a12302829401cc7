import { joined, type Packetizer, type PayloadAssembler } from "./payload_format.ts";

/** Opus (RFC 7587) and G.711 (RFC 3551 section 4.5.14): a payload is a frame. */
export const wholePackets: Packetizer = { packetize: (frame) => [frame] };

export class WholeAssembler implements PayloadAssembler {
  #parts: Uint8Array[] = [];

  add(payload: Uint8Array): boolean {
    this.#parts.push(payload);
    return true;
  }

  take() {
    if (this.#parts.length === 0) return null;
    const bytes = joined(this.#parts);
    this.#parts = [];
    return { bytes, keyframe: true };
  }
}
