import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordProfile } from "../../src/frame/mod.ts";
import { type EncodableCodec, encodeVideoClip } from "../kit/ffmpeg.ts";
import { beepsOf, readRecording } from "../kit/recorded_file.ts";
import { encodeBeeps, playStreams, RecorderRig, type RecorderUnderTest } from "../kit/recorder_rig.ts";
import { RtpSource } from "../kit/rtp_source.ts";

const size = { width: 192, height: 96 };
const fps = 30;
const SECONDS = 3;
const frameCount = SECONDS * fps;
/** Opus looks 312 samples ahead, and what RTP says is when the samples went in. */
const OPUS_DELAY_MS = 6.5;

/** Profile, what is sent, the file, and FFmpeg's names of the decoders that it needs. */
const cases: [RecordProfile, EncodableCodec, string, RegExp | null, RegExp | null][] = [
  ["WEBM", "VP8", "copied.webm", /vp8/, /opus/],
  ["WEBM", "H264", "converted.webm", /vp8/, /opus/],
  ["WEBM", "VP9", "vp9.webm", /vp9/, /opus/],
  ["MKV", "H264", "h264.mkv", /h264/, /opus/],
  ["MKV", "H265", "h265.mkv", /hevc/, /opus/],
  ["MP4", "H264", "below/a folder/copied.mp4", /h264/, /aac/],
  ["MP4", "VP8", "converted.mp4", /h264/, /aac/],
  ["MP4", "AV1", "av1.mp4", /av1/, /aac/],
  ["FMP4", "H264", "fragmented.mp4", /h264/, /aac/],
  ["FLV", "H264", "copied.flv", /h264/, /aac/],
  ["HLS", "VP8", "stream.m3u8", /h264/, /aac/],
  ["JPEG_VIDEO_ONLY", "VP8", "pictures.jpg", /mjpeg/, null],
  ["WEBM_VIDEO_ONLY", "VP8", "video.webm", /vp8/, null],
  ["MP4_VIDEO_ONLY", "H264", "video.mp4", /h264/, null],
  ["MKV_VIDEO_ONLY", "H264", "video.mkv", /h264/, null],
  ["WEBM_AUDIO_ONLY", "VP8", "audio.webm", null, /opus/],
  ["MP4_AUDIO_ONLY", "VP8", "audio.mp4", null, /aac/],
  ["MKV_AUDIO_ONLY", "VP8", "audio.mkv", null, /opus/],
];

const rig = new RecorderRig();
const recorders: RecorderUnderTest[] = [];

/** All at once, in one worker: what is sent is the same for all. */
beforeAll(async () => {
  for (const [profile, , name] of cases) {
    const recorder = await rig.open(name, profile);
    await recorder.program.call("record");
    recorders.push(recorder);
  }
  const codecs = [...new Set(cases.map(([, codec]) => codec))];
  const toThose = (codec: EncodableCodec) =>
    recorders.filter((_, index) => cases[index][1] === codec).map(({ peer }) => peer);
  await playStreams([
    ...codecs.map((codec) => ({
      source: new RtpSource(codec, 1),
      units: encodeVideoClip({ ...size, fps, frameCount, keyframeInterval: 60, bitrateBps: 800_000, codec }),
      to: toThose(codec),
    })),
    {
      source: new RtpSource("OPUS", 2, 77),
      units: encodeBeeps(SECONDS * 50),
      to: recorders.map(({ peer }) => peer),
    },
  ]);
  for (const [index, recorder] of recorders.entries()) {
    const [, , , video, audio] = cases[index];
    while (video && await recorder.framesOf("video") < frameCount);
    while (audio && await recorder.framesOf("audio") < SECONDS * 50);
  }
  const answers = await Promise.all(recorders.map(({ program }) => program.call("stopAndWait")));
  expect(answers).toEqual(recorders.map(() => ({ isFinished: true })));
}, 60_000);
afterAll(() => rig.close());

describe.each(
  cases.map(([profile, codec, name, video, audio], index) => ({ profile, codec, name, video, audio, index })),
)(
  "$profile of $codec",
  ({ profile, name, video, audio, index }) => {
    test("every picture is there once, in order, at its time, and the sound is in step with them", async () => {
      const file = await readRecording(
        `${rig.mediaDir}/${name}`,
        name.endsWith(".jpg") ? "mjpeg" : undefined,
      );
      expect(recorders[index].events.filter(({ type }) => type === "error")).toEqual([]);
      expect(file.decodeErrors).toBe(0);
      expect(file.videoCodec ?? "").toMatch(video ?? /^$/);
      expect(file.audioCodec ?? "").toMatch(audio ?? /^$/);
      const startMs = file.pictures[0]?.atMs ?? 0;
      if (video) {
        expect(file.pictures.map(({ counter }) => counter)).toEqual(
          Array.from({ length: frameCount }, (_, i) => i),
        );
      }
      if (video) expect([file.pictures[0].width, file.pictures[0].height]).toEqual([size.width, size.height]);
      // Concatenated JPEG pictures have no times.
      if (profile === "JPEG_VIDEO_ONLY") return;
      expect(Math.abs(file.durationMs - SECONDS * 1000)).toBeLessThan(1000 / fps);
      for (const [at, picture] of file.pictures.entries()) {
        expect(Math.abs(picture.atMs - startMs - at * 1000 / fps)).toBeLessThan(3);
      }
      if (!audio) return;
      const beeps = beepsOf(file).map((at) => at - startMs - OPUS_DELAY_MS);
      expect(beeps).toHaveLength(2);
      expect(Math.abs(beeps[0] - 1000)).toBeLessThan(8);
      expect(Math.abs(beeps[1] - 2000)).toBeLessThan(8);
    });

    test("what was recorded is told, and that it began and ended", () => {
      const { events } = recorders[index];
      expect(events.filter(({ type }) => type === "state")).toEqual([
        { type: "state", state: "recording" },
        { type: "state", state: "stopped" },
      ]);
      const segments = events.filter((event) => event.type === "segment");
      expect(segments.length).toBeGreaterThan(0);
      for (const { path, bytes } of segments) expect(Deno.statSync(path).size).toBe(bytes);
      const totalMs = segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
      expect(Math.abs(totalMs - SECONDS * 1000)).toBeLessThan(1000 / fps);
    });
  },
);
