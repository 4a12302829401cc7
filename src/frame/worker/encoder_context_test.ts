import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { expect, test } from "vitest";
import { videoFrame } from "../../../test/kit/ffmpeg.ts";
import { EncoderContext } from "./encoder_context.ts";
import { videoEncoders } from "./video_encoder_table.ts";

const size = { width: 320, height: 180 };
const fps = 30;
const bitrateBps = 400_000;
const PICTURES = 240;
const TICKS = 90_000 / fps;
/** As after a pause of the publisher. */
const STILL_SECONDS = 10;

Log.setLevel(AV_LOG_QUIET);

test.each(["H264", "H265", "VP8", "VP9", "AV1"])(
  "%s does not spend what a still picture has saved",
  async (codec) => {
    const options = { format: { codec, format: codec }, ...size, fps, bitrateBps };
    const encoder = new EncoderContext(options, videoEncoders[codec], null);
    const bytes: number[] = [];
    const encode = async (index: number, timestamp: number) => {
      const picture = videoFrame(size, index, fps);
      scatter(picture.data![0], index);
      await encoder.encode(picture, timestamp, false, index % 2 > 0, (frame) => bytes.push(frame.length));
      picture.free();
    };
    for (const timestamp of [0, 3 * TICKS]) await encode(0, timestamp);
    for (let i = 0; i < PICTURES; i++) await encode(i, STILL_SECONDS * 90_000 + i * TICKS);
    encoder.close();
    const moving = bytes.slice(-PICTURES / 2);
    const spentBps = moving.reduce((sum, length) => sum + length, 0) * 8 * fps / moving.length;
    expect(spentBps).toBeLessThan(bitrateBps * 1.15);
    expect(spentBps).toBeGreaterThan(bitrateBps * 0.5);
  },
);

/** More to tell in each picture than the bitrate allows. */
function scatter(plane: Uint8Array, seed: number): void {
  let state = seed + 1;
  for (let i = 0; i < plane.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    plane[i] = (plane[i] + (state >>> 27)) & 0xff;
  }
}
