import { startsKeyframe as startsAv1 } from "./av1.ts";
import { carriesParameterSets as carriesH264, startsKeyframe as startsH264 } from "./h264.ts";
import { carriesParameterSets as carriesH265, startsKeyframe as startsH265 } from "./h265.ts";
import { startsKeyframe as startsVp8 } from "./vp8.ts";
import { startsKeyframe as startsVp9 } from "./vp9.ts";

/** Says whether the RTP payload of `length` bytes at `offset` is one of those that it looks for. */
export type PayloadDetector = (bytes: Uint8Array, offset: number, length: number) => boolean;

const detectors = new Map<string, PayloadDetector>([
  ["VP8", startsVp8],
  ["VP9", startsVp9],
  ["H264", startsH264],
  ["H265", startsH265],
  ["AV1", startsAv1],
]);

/**
 * The detector of payloads that a decoder can start with, of a codec by its encoding name in upper case. Any packet of an
 * audio codec is a start.
 */
export function keyframeDetector(codec: string): PayloadDetector {
  return detectors.get(codec) ?? always;
}

/** The detector of payloads with parameter sets; to codecs that have none, all of them bring what is needed. */
export function parameterSetDetector(codec: string): PayloadDetector {
  if (codec === "H264") return carriesH264;
  return codec === "H265" ? carriesH265 : always;
}

function always(): boolean {
  return true;
}
