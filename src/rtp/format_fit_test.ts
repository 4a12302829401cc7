import { expect, test } from "vitest";
import { FIT_CODEC, FIT_CONTAINED, FIT_NONE, FIT_SAME, formatFit } from "./mod.ts";

test.each([
  ["VP8", "VP8", FIT_SAME],
  ["VP8", "VP9/0", FIT_NONE],
  ["VP9/0", "VP9/2", FIT_CODEC],
  ["AV1/0", "AV1/1", FIT_CODEC],
  ["OPUS/48000/2", "OPUS/48000/2", FIT_SAME],
  ["H264/1/42e0", "H264/1/42e0", FIT_SAME],
  ["H264/1/42e0", "H264/1/4200", FIT_CONTAINED],
  ["H264/1/4200", "H264/1/42e0", FIT_CONTAINED],
  ["H264/1/42e0", "H264/1/4d00", FIT_CONTAINED],
  ["H264/1/4d00", "H264/1/640c", FIT_CONTAINED],
  ["H264/1/6400", "H264/1/4d00", FIT_CODEC],
  ["H264/1/6400", "H264/1/42e0", FIT_CODEC],
  ["H264/1/f400", "H264/1/6400", FIT_CODEC],
  ["H264/1/f400", "H264/1/f400", FIT_SAME],
  ["H264/1/42e0", "H264/1/f400", FIT_CODEC],
  ["H264/0/42e0", "H264/1/42e0", FIT_CONTAINED],
  ["H264/1/42e0", "H264/0/42e0", FIT_NONE],
  ["H264/2/42e0", "H264/1/42e0", FIT_NONE],
  ["H265/1/0", "H265/2/0", FIT_CONTAINED],
  ["H265/1/0", "H265/1/1", FIT_CONTAINED],
  ["H265/1/1", "H265/1/0", FIT_CODEC],
  ["H265/2/0", "H265/1/0", FIT_CODEC],
  ["H264/1/6400", "H264", FIT_CONTAINED],
  ["H264", "H264/1/42e0", FIT_NONE],
  ["", "VP8", FIT_NONE],
])("%s given to who takes %s", (given, taken, fit) => {
  expect(formatFit(given, taken)).toBe(fit);
});
