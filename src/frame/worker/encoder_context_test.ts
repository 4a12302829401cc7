import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { expect, test } from "vitest";
import { videoFrame } from "../../../test/kit/ffmpeg.ts";
import { EncoderContext } from "./encoder_context.ts";
import { FittingEncoder } from "./fitting_encoder.ts";
import { FrameRate } from "./frame_rate.ts";
import { Hardware } from "./hardware.ts";
import { OwnThread } from "./own_thread.ts";
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

test.each<[string, number[]]>([
  ["H264", [20]],
  ["H264", [42]],
  ["H264", [30, 30, 15]],
  ["VP8", [30, 30, 15]],
  ["VP9", [30, 30, 15]],
])(
  "%s spends in a second what it was given, as fast as pictures come: at %j a second",
  async (codec, rates) => {
    const options = { format: { codec, format: codec }, ...size, fps, bitrateBps };
    const encoder = new EncoderContext(options, videoEncoders[codec], null);
    const [sent, taken, bytes]: number[][] = [[], [], []];
    for (let i = 0, timestamp = 1000; i < PICTURES; i++) {
      const picture = videoFrame(size, i, fps);
      scatter(picture.data![0], i);
      sent.push(timestamp);
      await encoder.encode(picture, timestamp, false, true, (frame, at) => {
        taken.push(at);
        bytes.push(frame.length);
      });
      picture.free();
      timestamp += Math.round(90_000 / rates[i % rates.length]);
    }
    encoder.close();
    expect(taken).toEqual(sent);
    const seconds = (sent.at(-1)! - sent[PICTURES / 2 - 1]) / 90_000;
    const spentBps = bytes.slice(-PICTURES / 2).reduce((sum, length) => sum + length, 0) * 8 / seconds;
    expect(spentBps).toBeLessThan(bitrateBps * 1.1);
    expect(spentBps).toBeGreaterThan(bitrateBps * 0.85);
  },
);

test.each(["H264", "H265", "AV1"])(
  "%s has no second's bits for each picture when those of a screen that stood still come fast",
  async (codec) => {
    const context = { hardware: new Hardware(false), ownThread: new OwnThread() };
    const encoder = new FittingEncoder({ codec, format: codec }, context);
    const rate = new FrameRate();
    let spent = 0;
    const encode = async (index: number, timestamp: number, take: (bytes: Uint8Array) => void) => {
      rate.add(timestamp);
      const picture = videoFrame(size, index, fps);
      if (index > 0) scatter(picture.data![0], index);
      await encoder.fitting(picture, rate, bitrateBps).encode(picture, timestamp, false, take);
      picture.free();
    };
    for (let second = 0; second < 40; second++) await encode(0, second * 90_000, () => {});
    for (let i = 1; i <= fps; i++) {
      await encode(i, 39 * 90_000 + i * TICKS, (bytes) => spent += bytes.length * 8);
    }
    encoder.close();
    expect(spent).toBeLessThan(bitrateBps * 3);
    expect(spent).toBeGreaterThan(bitrateBps * 0.5);
  },
);

test.each([["H265", 42], ["H265", 21], ["AV1", 42], ["AV1", 21]] as const)(
  "%s, which cannot follow a rate, spends what it may at %d pictures a second",
  async (codec, rateFps) => {
    const context = { hardware: new Hardware(false), ownThread: new OwnThread() };
    const encoder = new FittingEncoder({ codec, format: codec }, context);
    const rate = new FrameRate();
    const bits: number[] = [];
    for (let index = 0; index < 5 * rateFps; index++) {
      const timestamp = Math.round(index * 90_000 / rateFps);
      rate.add(timestamp);
      const picture = videoFrame(size, index, fps);
      scatter(picture.data![0], index);
      const take = (bytes: Uint8Array) => bits.push(bytes.length * 8);
      await encoder.fitting(picture, rate, bitrateBps).encode(picture, timestamp, false, take);
      picture.free();
    }
    encoder.close();
    const spentBps = bits.slice(-2 * rateFps).reduce((sum, each) => sum + each, 0) / 2;
    expect(spentBps).toBeLessThan(bitrateBps * 1.15);
    expect(spentBps).toBeGreaterThan(bitrateBps * 0.85);
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
