import { annexB, nalUnits } from "../../../rtp/mod.ts";

/** NAL unit types of parameter sets: SPS and PPS; VPS, SPS and PPS. */
const parameterTypes: Readonly<Record<string, readonly number[]>> = { H264: [7, 8], H265: [32, 33, 34] };
const AV1_SEQUENCE_HEADER = 1;

/** What decoders of a video codec must have before the first frame, out of a keyframe; empty where they need nothing. */
export function videoExtradata(codec: string, keyframe: Uint8Array): Uint8Array {
  if (codec === "AV1") return sequenceHeader(keyframe);
  const types = parameterTypes[codec];
  if (!types) return new Uint8Array(0);
  return annexB(nalUnits(keyframe).filter((unit) => types.includes(unitType(codec, unit))));
}

/** True where `keyframe` cannot be decoded by itself: its parameter sets came earlier, or never. */
export function lacksParameters(codec: string, keyframe: Uint8Array): boolean {
  const types = parameterTypes[codec];
  if (!types) return false;
  const found = nalUnits(keyframe).map((unit) => unitType(codec, unit));
  return types.some((type) => !found.includes(type));
}

/** Equal for keyframes that have the same picture size and parameters; others may differ for no reason. */
export function parameterMark(codec: string, keyframe: Uint8Array): string {
  // VP8: the size stands behind the start code (RFC 6386 section 9.1); VP9: within the first nine bytes.
  const part = codec === "VP8"
    ? keyframe.subarray(6, 10)
    : codec === "VP9"
    ? keyframe.subarray(4, 9)
    : videoExtradata(codec, keyframe);
  return `${codec}:${part.join()}`;
}

/** The identification header of Opus (RFC 7845 section 5.1) for a stream that begins at once. */
export function opusHead(channels: number, sampleRate: number): Uint8Array {
  const head = new Uint8Array(19);
  head.set(new TextEncoder().encode("OpusHead"));
  head[8] = 1;
  head[9] = channels;
  new DataView(head.buffer).setUint32(12, sampleRate, true);
  return head;
}

/** Duration in ms of an Opus packet by its first bytes (RFC 6716 section 3.1). */
export function opusDurationMs(packet: Uint8Array): number {
  const configuration = packet[0] >>> 3;
  const frameMs = configuration < 12
    ? [10, 20, 40, 60][configuration & 3]
    : configuration < 16
    ? [10, 20][configuration & 1]
    : [2.5, 5, 10, 20][configuration & 3];
  const code = packet[0] & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 1) & 0x3f;
  return frameMs * count;
}

function unitType(codec: string, unit: Uint8Array): number {
  return codec === "H264" ? unit[0] & 0x1f : unit[0] >>> 1 & 0x3f;
}

/** The sequence header among the OBUs of a temporal unit, each of which has its size. */
function sequenceHeader(unit: Uint8Array): Uint8Array {
  for (let at = 0; at < unit.length;) {
    const header = unit[at] & 0x04 ? 2 : 1;
    let size = 0;
    let next = at + header;
    for (let shift = 0; next < unit.length; shift += 7) {
      size += (unit[next] & 0x7f) * 2 ** shift;
      if (unit[next++] < 0x80) break;
    }
    if ((unit[at] >>> 3 & 0x0f) === AV1_SEQUENCE_HEADER) return unit.slice(at, next + size);
    at = next + size;
  }
  return new Uint8Array(0);
}
