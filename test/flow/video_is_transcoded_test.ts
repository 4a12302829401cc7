import { afterEach, describe, expect, test } from "vitest";
import { drawFrame, psnr, readFrameCounter } from "../kit/clip.ts";
import { decodeVideo, type EncodableCodec, encodeVideoClip } from "../kit/ffmpeg.ts";
import { openProgram, type ProgramUnderTest } from "../kit/frame_program.ts";

const size = { width: 320, height: 240 };
const fps = 30;
const frameCount = 60;
let open: ProgramUnderTest;
afterEach(() => open?.close());

function clip(codec: EncodableCodec, count = frameCount, keyframeInterval = 1000) {
  return encodeVideoClip({ ...size, fps, frameCount: count, keyframeInterval, bitrateBps: 1_000_000, codec });
}

const addOutput = async (codec: string, format = codec) =>
  (await open.program.call("addOutput", { format: { codec, format } }) as { ssrc: number }).ssrc;

describe.each(
  [
    ["VP8", "H264"],
    ["H264", "VP8"],
    ["H264", "VP9"],
    ["VP9", "H264"],
    ["H264", "H265"],
    ["H265", "VP8"],
    ["VP8", "AV1"],
    ["AV1", "H264"],
  ] as [EncodableCodec, EncodableCodec][],
)("%s to %s", (from, to) => {
  test("every picture comes out once, in order, at its time stamp, and looks the same", async () => {
    open = await openProgram({ kind: "transcode", media: "video" });
    const { peer } = open;
    const ssrc = await addOutput(to);
    const base = 2 ** 32 - 45_000;
    await peer.play(from, clip(from), 90_000, 1, base);
    await peer.until("the last picture", () => peer.frames(to, ssrc).length >= frameCount);
    const frames = peer.frames(to, ssrc);
    expect(frames.map(({ timestamp }) => (timestamp - base + 2 ** 32) % 2 ** 32)).toEqual(
      Array.from({ length: frameCount }, (_, index) => index * 3000),
    );
    const pictures = decodeVideo(frames.map(({ bytes }) => bytes), to);
    expect(pictures.map(({ pixels }) => readFrameCounter(pixels, size))).toEqual(
      Array.from({ length: frameCount }, (_, index) => index),
    );
    expect(psnr(pictures[frameCount - 1].pixels, drawFrame(size, frameCount - 1), size)).toBeGreaterThan(28);
    const numbers = peer.of(ssrc).map(({ sequenceNumber }) => sequenceNumber);
    expect(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] + 1) % 65536)).toBe(
      true,
    );
    expect(open.events).toEqual([]);
  });
});

test("how pictures are to be turned goes along with them, also to an output that is added later", async () => {
  open = await openProgram({ kind: "transcode", media: "video" });
  const { peer } = open;
  const first = await addOutput("VP8");
  const units = clip("H264", 20, 10);
  await peer.play("H264", units.slice(0, 5));
  peer.orientation = 3;
  await peer.play("H264", units.slice(5, 10));
  await peer.until("the turned pictures", () => peer.of(first).at(-1)?.orientation === 3);
  expect(peer.of(first)[0].orientation).toBeNull();
  peer.orientation = null;
  const second = await addOutput("H265");
  await peer.play("H264", units.slice(10));
  await peer.until(
    "a picture of the second",
    () => peer.of(second).some(({ orientation }) => orientation === 3),
  );
});
