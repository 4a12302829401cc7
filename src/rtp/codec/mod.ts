import { startsKeyframe as startsAv1 } from "./av1.ts";
import { startsKeyframe as startsH264 } from "./h264.ts";
import { startsKeyframe as startsH265 } from "./h265.ts";
import { startsKeyframe as startsVp8 } from "./vp8.ts";
import { startsKeyframe as startsVp9 } from "./vp9.ts";

/** Says whether the RTP payload of `length` bytes at `offset` is one that a decoder can start with. */
export type KeyframeDetector = (bytes: Uint8Array, offset: number, length: number) => boolean;

const detectors = new Map<string, KeyframeDetector>([
  ["VP8", startsVp8],
  ["VP9", startsVp9],
  ["H264", startsH264],
  ["H265", startsH265],
  ["AV1", startsAv1],
]);

/** The detector of a codec by its encoding name in upper case. Any packet of an audio codec is a start. */
export function keyframeDetector(codec: string): KeyframeDetector {
  return detectors.get(codec) ?? always;
}

function always(): boolean {
  return true;
}
