/**
 * How encoded frames of one codec travel in RTP payloads. These run where frames are handled, tens of times a second,
 * not in the packet loop: they may allocate.
 */
export interface Packetizer {
  /** Payloads of one frame in order, each of `maxBytes` at most; the marker bit belongs to the last. */
  packetize(frame: Uint8Array, maxBytes: number): Uint8Array[];
}

/** One frame as an encoder made it. H264 and H265 are Annex B, AV1 a temporal unit of OBUs with sizes (low overhead). */
export interface AssembledFrame {
  bytes: Uint8Array;
  /** RTP time stamp, in units of the codec's clock. */
  timestamp: number;
  keyframe: boolean;
}

/** Puts the payloads of one codec together; give it the packets of one frame in order, then take the frame. */
export interface PayloadAssembler {
  /** Takes the payload of the next packet. False when it breaks the rules of the format: the frame is lost. */
  add(payload: Uint8Array): boolean;
  /** The frame from all that was added since the last call, or null when that is none. */
  take(): { bytes: Uint8Array; keyframe: boolean } | null;
}

/** All of `parts` in one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** `bytes` in the fewest pieces of at most `maxBytes`, as equal as can be, so that they make one GSO run. */
export function split(bytes: Uint8Array, maxBytes: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / maxBytes));
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
