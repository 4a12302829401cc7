import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordProfile } from "../../src/frame/mod.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { beepsOf, readRecording } from "../kit/recorded_file.ts";

const fps = 25;
const SECONDS = 4;
const frameCount = SECONDS * fps;
const frameMs = 1000 / fps;
const size = { width: 320, height: 240 };
/** Opus looks 312 samples ahead, and what RTP says is when the samples went in. */
const OPUS_DELAY_MS = 6.5;
const MOST_OFFSET_MS = 40;
/** The first seconds of a new server on a busy machine: its clocks are estimated from packets that came late. */
const COLD_START_MS = 200;

type Clip = "clip.mp4" | "clip.webm";

/** What is played together; each with its file, and the codecs that ffprobe has to find in it. */
const rounds: { clip: Clip; cases: [RecordProfile, string, string | null, string | null][] }[] = [
  { clip: "clip.mp4", cases: [["WEBM", "converted.webm", "vp8", "opus"]] },
  {
    clip: "clip.mp4",
    cases: [
      ["MP4", "copied.mp4", "h264", "aac"],
      ["MKV", "copied.mkv", "h264", "opus"],
      ["FLV", "copied.flv", "h264", "aac"],
      ["FMP4", "fragmented.mp4", "h264", "aac"],
      ["HLS", "live/stream.m3u8", "h264", "aac"],
      ["MP4_VIDEO_ONLY", "video.mp4", "h264", null],
      ["MP4_AUDIO_ONLY", "audio.mp4", null, "aac"],
    ],
  },
  {
    clip: "clip.webm",
    cases: [
      ["WEBM", "copied.webm", "vp8", "opus"],
      ["WEBM_VIDEO_ONLY", "video.webm", "vp8", null],
      ["WEBM_AUDIO_ONLY", "audio.webm", null, "opus"],
      ["MKV_VIDEO_ONLY", "video.mkv", "vp8", null],
      ["MKV_AUDIO_ONLY", "audio.mkv", null, "opus"],
      ["JPEG_VIDEO_ONLY", "pictures.jpg", "mjpeg", null],
      ["MP4", "converted.mp4", "h264", "aac"],
    ],
  },
];

describe.skipIf(!ffmpegCommandIsThere())(
  "a clip that is played goes through WebRTC into a recording as",
  () => {
    let media: MediaServer;

    beforeAll(async () => {
      media = await startMediaServer();
      const clip = { ...size, fps, frameCount };
      const vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-g", "50"];
      await Promise.all([
        makeClipFile(`${media.mediaDir}/clip.mp4`, {
          ...clip,
          video: [...plainH264, "-profile:v", "baseline"],
          audio: ["-c:a", "aac"],
        }),
        makeClipFile(`${media.mediaDir}/clip.webm`, { ...clip, video: vp8, audio: ["-c:a", "libopus"] }),
      ]);
      for (const { clip, cases } of rounds) await playThrough(clip, cases);
    }, 90_000);
    afterAll(() => media?.stop());

    /** Two pipelines, the clip in the one, the recorders in the other, and a peer connection between them. */
    async function playThrough(uri: Clip, cases: typeof rounds[0]["cases"]): Promise<void> {
      const near = await media.make([
        { type: "PlayerEndpoint", name: "player", options: { uri } },
        { type: "WebRtcEndpoint", name: "peer" },
      ], [{ source: "player", sink: "peer" }]);
      const far = await media.make(
        [
          { type: "WebRtcEndpoint", name: "peer" },
          ...cases.map(([profile, name]) => ({
            type: "RecorderEndpoint",
            name,
            options: { uri: name, ...formatOf(profile) },
          })),
        ],
        cases.map(([, name]) => ({ source: "peer", sink: name })),
      );
      await join(near.peer, far.peer);
      const recorders = cases.map(([, name]) => far[name]);
      await Promise.all(recorders.map((id) => media.call(id, "record")));
      await media.call(near.player, "play");
      await media.event(near.player, "EndOfStream", () => true, 30_000);
      await Promise.all(recorders.map((id) => media.call(id, "stopAndWait")));
      for (const id of [near.player, far.peer, ...recorders]) expect(media.heard(id, "Error")).toEqual([]);
      await media.rest.delete(`/v1/pipelines/${near.pipeline}`);
      await media.rest.delete(`/v1/pipelines/${far.pipeline}`);
    }

    /** As a signalling client does it: the descriptions first, candidates as they are found. */
    async function join(offerer: string, answerer: string): Promise<void> {
      const withoutCandidates = (sdp: string) => sdp.replace(/^a=(candidate:|end-of-candidates).*\r\n/gm, "");
      const offer = withoutCandidates(await media.call(offerer, "generateOffer"));
      const answer = withoutCandidates(await media.call(answerer, "processOffer", { offer }));
      await media.call(offerer, "processAnswer", { answer });
      for (const [from, to] of [[offerer, answerer], [answerer, offerer]]) {
        await media.call(from, "gatherCandidates");
        await media.event(from, "IceGatheringDone");
        for (const found of media.heard(from, "IceCandidateFound")) {
          await media.call(to, "addIceCandidate", found);
        }
      }
      for (const id of [offerer, answerer]) {
        await media.event(id, "ConnectionStateChanged", ({ newState }) => newState === "CONNECTED");
      }
    }

    describe.each(
      rounds.flatMap(({ clip, cases }) =>
        cases.map(([profile, name, video, audio]) => ({ clip, profile, name, video, audio }))
      ),
    )("$profile of $clip", ({ profile, name, video, audio }) => {
      const path = () => `${media.mediaDir}/${name}`;
      // Pictures one after the other are no container: they have no times.
      const isBare = profile === "JPEG_VIDEO_ONLY";

      test("every picture and every beep is in it, at its time, and it is as long as what was played", async () => {
        const file = await readRecording(path(), isBare ? "mjpeg" : undefined);
        expect(file.decodeErrors).toBe(0);
        expect(file.pictures.map(({ counter }) => counter)).toEqual(
          Array.from({ length: video ? frameCount : 0 }, (_, index) => index),
        );
        if (isBare) return;
        const isCold = name === rounds[0].cases[0][1];
        expect(Math.abs(file.durationMs - SECONDS * 1000)).toBeLessThanOrEqual(
          isCold ? COLD_START_MS : frameMs,
        );
        const times = file.pictures.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        const beeps = beepsOf(file).map((at) => at - OPUS_DELAY_MS);
        expect(beeps).toHaveLength(audio ? SECONDS : 0);
        const flashOf = (second: number) => video ? times[second * fps] : 1000 * second;
        for (const [second, at] of beeps.entries()) {
          expect(Math.abs(at - flashOf(second))).toBeLessThanOrEqual(MOST_OFFSET_MS);
        }
      });

      test("the ffmpeg command decodes all of it without a word, and it holds nothing but these tracks", async () => {
        const input = ["-fflags", "+discardcorrupt", ...(isBare ? ["-f", "mjpeg"] : []), "-i", path()];
        // Times as they are in the file: by the null muxer's rounding two pictures could have one time.
        const decoded = await run("ffmpeg", [
          ...input,
          "-map",
          "0",
          "-enc_time_base",
          "-1",
          "-f",
          "null",
          "-",
        ]);
        expect(decoded).toEqual({ code: 0, said: "", out: "" });
        const entries = "stream=codec_type,codec_name,nb_read_frames";
        const { out } = await run("ffprobe", [
          ...input,
          "-count_frames",
          "-show_entries",
          entries,
          "-of",
          "json",
        ]);
        // Playlists tell of their streams twice: in their programs too.
        const streams: Record<string, string>[] = JSON.parse(out).streams;
        const codecsOf = (type: string) =>
          streams.filter((each) => each.codec_type === type).map((each) => each.codec_name);
        expect([codecsOf("video"), codecsOf("audio")]).toEqual([video ? [video] : [], audio ? [audio] : []]);
        const pictures = streams.find((each) => each.codec_type === "video")?.nb_read_frames;
        expect(Number(pictures ?? 0)).toBe(video ? frameCount : 0);
      });
    });
  },
);

const formatOf = (profile: RecordProfile) =>
  profile === "HLS" || profile === "FMP4" ? { container: profile } : { mediaProfile: profile };

async function run(command: string, args: string[]): Promise<{ code: number; said: string; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: ["-hide_banner", "-v", "error", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said, out };
}
