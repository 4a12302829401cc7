import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type ClipFileOptions,
  ffmpegCommandIsThere,
  makeClipFile,
  plainH264,
  reorderedH264,
  runFfmpeg,
} from "../kit/clip_file.ts";
import { openPlayer } from "../kit/player.ts";

// Most of it is waiting while small pictures are played in real time.
vi.setConfig({ maxConcurrency: 4 });

/** Keyframes at pictures 45 and 90; a beep in step with 60. */
const GROUP = 45;
const TARGET = 60;
const clip = { width: 320, height: 240, fps: 30, frameCount: 120 };
let dir = "";
beforeAll(async () => {
  dir = await Deno.makeTempDir({ prefix: "kaskado_play_" });
});
afterAll(() => Deno.remove(dir, { recursive: true }));

const grouped = (video: string[]) => [...video, "-g", String(GROUP), "-keyint_min", String(GROUP)];
const make = (name: string, video: string[], audio: string, options: Partial<ClipFileOptions> = {}) =>
  makeClipFile(`${dir}/${name}`, { ...clip, video: grouped(video), audio: ["-c:a", audio], ...options });
/** One second each; keyframes are where they are. */
const makeHls = async () => {
  const path = await make("hls.mp4", plainH264, "aac");
  const list = `${dir}/hls.m3u8`;
  await runFfmpeg(["-i", path, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0", list]);
  return list;
};
const vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"];
const jpeg = ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"];
const ogg = { format: ["-f", "ogg"] };

describe.runIf(ffmpegCommandIsThere()).concurrent(
  "a seek goes to the very picture, and sound with it",
  () => {
    test.for<[string, () => Promise<string>, string]>([
      ["H264 of MP4 as it is", () => make("plain.mp4", plainH264, "aac"), "H264"],
      ["H264 of MPEG-TS as it is", () => make("plain.ts", plainH264, "aac"), "H264"],
      ["VP8 of WebM as it is", () => make("plain.webm", vp8, "libopus"), "VP8"],
      ["HLS", makeHls, "H264"],
      ["B-frames", () => make("reordered.mkv", reorderedH264, "libopus"), "H264"],
      ["B-frames of MPEG-TS", () => make("reordered.ts", reorderedH264, "aac"), "H264"],
      ["pages of Ogg", () => make("x.ogv", ["-c:v", "libtheora", "-b:v", "2M"], "libvorbis", ogg), "H264"],
      ["JPEG of AVI", () => make("jpeg.avi", jpeg, "libmp3lame"), "H264"],
    ])("%s", async ([_name, file, codec], { onTestFinished }) => {
      const player = await openPlayer(`file://${await file()}`, { mediaDir: dir });
      onTestFinished(player.close);
      const call = (operation: string, input = {}) => player.program.call(operation, input);
      await call("play");
      await player.peer.until(
        "pictures",
        () => (player.streamOf("video") ? player.pictures().length : 0) >= 10,
      );
      await call("pause");
      // What is in the encoder or on its way still comes.
      await new Promise((resolve) => setTimeout(resolve, 150));
      const [pictures, sounds] = [player.pictures().length, player.sounds().length];
      await call("seek", { positionMs: 2000 });
      expect(await call("position")).toEqual({ positionMs: 2000 });
      expect(player.pictures().length).toBe(pictures);
      await call("play");
      await player.untilEvent("endOfStream");
      expect(player.streamOf("video")?.format.codec).toBe(codec);
      const shown = player.pictures().slice(pictures);
      // The last one before is on show still where the medium begins a moment before its first picture.
      const [first] = shown;
      expect([TARGET - 1, TARGET]).toContain(first.counter);
      expect(shown.map(({ counter }) => counter)).toEqual(shown.map((_, index) => first.counter! + index));
      expect(shown.at(-1)!.counter).toBe(119);
      shown.slice(1).forEach(({ timestamp }, index) => {
        expect(Math.abs(timestamp - shown[index].timestamp - 3000)).toBeLessThan(120);
      });
      const heard = player.sounds().slice(sounds);
      const flash = shown.find(({ counter }) => counter === TARGET)!;
      const beep = heard.find(({ energy }) => energy > 1)!;
      expect(Math.abs(beep.ntpMs - flash.ntpMs)).toBeLessThan(40);
      expect(Math.abs(heard[0].ntpMs - first.ntpMs)).toBeLessThan(40);
      expect(player.eventsOf("error")).toEqual([]);
    });
  },
);
