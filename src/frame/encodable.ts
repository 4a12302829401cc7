import type { FrameMedia } from "./types.ts";

/**
 * Formats that programs encode, one per codec: the profile that most decoders take, so that viewers share one encoder.
 * Packets of H264 are those of packetization mode 1.
 */
export const encodableFormats: Readonly<Record<FrameMedia, readonly string[]>> = {
  audio: ["OPUS/48000/2", "PCMU/8000/1", "PCMA/8000/1"],
  video: ["VP8", "VP9/0", "H264/1/42e0", "H265/1/0", "AV1/0"],
};
