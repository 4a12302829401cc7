import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from "vitest";
import {
  type ClipFileOptions,
  ffmpegCommandIsThere,
  makeClipFile,
  plainH264,
  reorderedH264,
  runFfmpeg,
} from "../kit/clip_file.ts";
import { openPlayer, type PlayerUnderTest, type ShownPicture } from "../kit/player.ts";

// Most of it is waiting while small pictures are played in real time.
vi.setConfig({ maxConcurrency: 4 });

const size = { width: 320, height: 240 };
const clip = { ...size, fps: 30, frameCount: 60, video: plainH264, audio: ["-c:a", "libopus"] };
let dir = "";
beforeAll(async () => {
  dir = await Deno.makeTempDir({ prefix: "kaskado_play_" });
});
afterAll(() => Deno.remove(dir, { recursive: true }));

const make = (name: string, options: Partial<ClipFileOptions> = {}) =>
  makeClipFile(`${dir}/${name}`, { ...clip, ...options });

/** A player of the file, until the test is over. */
async function open({ onTestFinished }: TestContext, path: string): Promise<PlayerUnderTest> {
  const player = await openPlayer(`file://${path}`, { mediaDir: dir });
  onTestFinished(player.close);
  return player;
}

/** A player that has played the file to its end, and the pictures that it showed. */
async function playWhole(
  context: TestContext,
  path: string,
  limitMs = 10_000,
): Promise<{ player: PlayerUnderTest; pictures: ShownPicture[] }> {
  const player = await open(context, path);
  await player.program.call("play");
  await player.untilEvent("endOfStream", limitMs);
  return { player, pictures: player.pictures() };
}

const countersOf = (pictures: ShownPicture[]) => pictures.map(({ counter }) => counter);
const countUp = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** What a player makes of pictures that cannot travel as they are. */
const ENCODED = "H264/1/42e0";

/** Every picture once and in order; a few may lack where an encoder on a busy machine has no time for them. */
function expectEvery(counters: (number | null)[], frameCount: number, isEncoded: boolean): void {
  expect(counters).toEqual(countUp(frameCount).filter((each) => !isEncoded || counters.includes(each)));
  expect(counters.length).toBeGreaterThanOrEqual(frameCount - (isEncoded ? 6 : 0));
}

/** Wall time of the first picture of a second, by sender reports. */
function flashOf(pictures: ShownPicture[], second: number): number {
  const { counter, ntpMs } = pictures.find(({ counter }) => counter! >= 30 * second)!;
  return ntpMs - (counter! - 30 * second) * 1000 / 30;
}

/** Wall times of the beginnings of beeps, by sender reports. */
function beepsOf({ sounds }: PlayerUnderTest): number[] {
  const heard = sounds();
  return heard.filter(({ energy }, i) => energy > 1 && !(heard[i - 1]?.energy > 1)).map(({ ntpMs }) => ntpMs);
}

describe.runIf(ffmpegCommandIsThere())("a file", () => {
  test("is played at its own pace, every picture once and in order, sound in step, and ends", async (context) => {
    const path = await make("six.mp4", { frameCount: 180, audio: ["-c:a", "aac"] });
    const { player, pictures } = await playWhole(context, path, 12_000);
    expect(countersOf(pictures)).toEqual(countUp(180));
    // Late by what else wants the processor, but not later and later, and never early.
    const lateness = pictures.map(({ atMs }, index) => atMs - index * 1000 / 30);
    const earliest = Math.min(...lateness);
    const medianOf = (part: number[]) =>
      part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] - earliest;
    expect(medianOf(lateness)).toBeLessThan(300);
    expect(Math.abs(medianOf(lateness.slice(0, 60)) - medianOf(lateness.slice(120)))).toBeLessThan(200);
    expect(lateness[179] - earliest).toBeLessThan(1500);
    const steps = pictures.slice(1).map(({ timestamp }, index) => timestamp - pictures[index].timestamp);
    expect([...new Set(steps)]).toEqual([3000]);
    const beeps = beepsOf(player);
    expect(beeps.length).toBe(6);
    beeps.forEach((ntpMs, second) => {
      expect(Math.abs(ntpMs - pictures[second * 30].ntpMs), `beep ${second}`).toBeLessThan(25);
    });
    expect(player.states()).toEqual(["playing", "stopped"]);
    expect(player.events.at(-1)).toEqual({ type: "endOfStream" });
    expect(player.eventsOf("error")).toEqual([]);
  });

  test.concurrent.for<[string, Partial<ClipFileOptions>, string, string | null]>([
    ["reordered.mp4", { video: reorderedH264, audio: ["-c:a", "aac"] }, ENCODED, "OPUS"],
    ["vp8.webm", { video: ["-c:v", "libvpx", "-deadline", "realtime"] }, "VP8", "OPUS"],
    [
      "vp9.webm",
      { video: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"] },
      "VP9/0",
      "OPUS",
    ],
    [
      "hevc.mp4",
      { video: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "bframes=0:log-level=none"] },
      "H265/1/0",
      "OPUS",
    ],
    [
      "mpeg4.avi",
      { video: ["-c:v", "mpeg4", "-q:v", "3"], audio: ["-c:a", "libmp3lame"] },
      ENCODED,
      "OPUS",
    ],
    [
      "mpeg2.ts",
      { video: ["-c:v", "mpeg2video", "-q:v", "3"], audio: ["-c:a", "mp2"] },
      ENCODED,
      "OPUS",
    ],
    ["plain.ts", { audio: ["-c:a", "aac"] }, "H264/1/6400", "OPUS"],
    ["plain.mkv", { audio: ["-c:a", "flac"] }, "H264/1/6400", "OPUS"],
    ["plain.flv", { audio: ["-c:a", "aac"] }, "H264/1/6400", "OPUS"],
    // All sound of a fragment is behind all its pictures.
    [
      "fragments.mp4",
      {
        video: [...plainH264, "-g", "60"],
        audio: ["-c:a", "aac"],
        format: ["-movflags", "frag_keyframe+empty_moov+default_base_moof"],
      },
      "H264/1/6400",
      "OPUS",
    ],
    ["silent.mp4", { audio: null }, "H264/1/6400", null],
  ])(
    "%s: every picture comes once and in order, and the sound in step",
    async ([name, options, video, audio], context) => {
      const { player, pictures } = await playWhole(context, await make(name, options));
      expectEvery(countersOf(pictures), 60, video === ENCODED);
      expect(player.streamOf("video")?.format.format).toBe(video);
      expect(player.streamOf("audio")?.format.codec ?? null).toBe(audio);
      if (audio) {
        const beeps = beepsOf(player);
        expect(beeps.length).toBe(2);
        beeps.forEach((ntpMs, i) => expect(Math.abs(ntpMs - flashOf(pictures, i))).toBeLessThan(45));
      }
      expect(player.eventsOf("error")).toEqual([]);
    },
  );

  test.concurrent("with pictures at times of their own keeps those", async (context) => {
    const path = `${dir}/vfr.mkv`;
    await make("cfr.mkv", { audio: null });
    // Every third picture is left out, and one second in the middle.
    const pick = "select='mod(n\\,3)*not(between(n\\,20\\,49))'";
    await runFfmpeg(["-i", `${dir}/cfr.mkv`, "-vf", pick, "-vsync", "vfr", ...plainH264, path]);
    const { pictures } = await playWhole(context, path);
    const expected = countUp(60).filter((n) => n % 3 !== 0 && (n < 20 || n > 49));
    expect(countersOf(pictures)).toEqual(expected);
    pictures.forEach(({ timestamp }, i) => {
      const wanted = (expected[i] - expected[0]) * 3000;
      expect(Math.abs(timestamp - pictures[0].timestamp - wanted)).toBeLessThan(100);
    });
  });

  test.concurrent("of an odd size is shown at the next even one, whatever its pixels are", async (context) => {
    await make("even.mkv", { audio: null });
    const odd = `${dir}/odd.mkv`;
    await runFfmpeg([
      ...["-i", `${dir}/even.mkv`, "-vf", "scale=321:241", "-c:v", "ffv1", "-pix_fmt", "yuv444p", odd],
    ]);
    const { pictures } = await playWhole(context, odd);
    expect(pictures.length).toBeGreaterThanOrEqual(54);
    expect(pictures[0].width).toBe(320);
    expect(countersOf(pictures).filter((counter) => counter !== null).length).toBeGreaterThan(45);
  });

  test.concurrent("of sound alone, with the picture of a cover, is sound alone", async (context) => {
    await make("sound.mp3", { video: null, audio: ["-c:a", "libmp3lame"] });
    const cover = `${dir}/cover.mp3`;
    await runFfmpeg([
      ...["-i", `${dir}/sound.mp3`, "-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1"],
      ...["-map", "0", "-map", "1", "-c:a", "copy", "-c:v", "png", "-disposition:v", "attached_pic", cover],
    ]);
    const { player, pictures } = await playWhole(context, cover);
    expect(pictures).toEqual([]);
    expect(player.eventsOf("stream").map(({ media }) => media)).toEqual(["audio"]);
    const gaps = beepsOf(player).map((ntpMs, i, all) => i === 0 ? 1000 : ntpMs - all[i - 1]);
    expect(gaps.length).toBe(2);
    gaps.forEach((gap) => expect(Math.abs(gap - 1000)).toBeLessThan(25));
    expect(player.sounds().length).toBeGreaterThanOrEqual(98);
  });

  test.concurrent.for<[string, string[]]>([["a low rate", ["-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw"]], [
    "six channels",
    [
      ...["-ac", "6", "-c:a", "aac"],
    ],
  ]])("of sound of %s is heard in step", async ([name, audio], context) => {
    const { player, pictures } = await playWhole(context, await make(`${name}.mov`, { audio }));
    const beeps = beepsOf(player);
    expect(beeps.length).toBe(2);
    beeps.forEach((ntpMs, i) => expect(Math.abs(ntpMs - flashOf(pictures, i))).toBeLessThan(45));
  });

  test.concurrent("that ends in the middle is played so far, and ends", async (context) => {
    const whole = await Deno.readFile(await make("whole.mp4", { format: ["-movflags", "+faststart"] }));
    await Deno.writeFile(`${dir}/truncated.mp4`, whole.subarray(0, whole.length * 0.6));
    const { player, pictures } = await playWhole(context, `${dir}/truncated.mp4`);
    const counters = countersOf(pictures);
    expect(counters.length).toBeGreaterThan(20);
    expect(counters).toEqual(countUp(counters.length));
    expect(player.events.at(-1)).toEqual({ type: "endOfStream" });
  });

  test.concurrent.for<[string, string[]]>([["copied", plainH264], ["encoded", reorderedH264]])(
    "that is damaged here and there costs pictures, and is played to its end (%s)",
    async ([name, video], context) => {
      const bytes = await Deno.readFile(await make(`sound_${name}.mkv`, { video }));
      for (const at of [0.2, 0.55, 0.9].map((part) => Math.floor(part * bytes.length))) {
        crypto.getRandomValues(bytes.subarray(at, at + 40));
      }
      await Deno.writeFile(`${dir}/damaged_${name}.mkv`, bytes);
      const { player, pictures } = await playWhole(context, `${dir}/damaged_${name}.mkv`);
      const counters = countersOf(pictures);
      expect(counters.filter((counter) => counter !== null).length).toBeGreaterThan(10);
      expect(player.failures).toEqual([]);
    },
  );

  test.concurrent("that is no medium is INVALID_MEDIA, and the player can be told to try again", async (context) => {
    const files: [string, Uint8Array][] = [
      ["random.mp4", crypto.getRandomValues(new Uint8Array(65_000))],
      ["random", crypto.getRandomValues(new Uint8Array(65_000))],
      ["random.mp3", crypto.getRandomValues(new Uint8Array(65_000))],
      ["random.ts", crypto.getRandomValues(new Uint8Array(65_000))],
      ["empty.mp4", new Uint8Array(0)],
      ["text.mkv", new TextEncoder().encode("Not a film\n".repeat(1000))],
      ["no_index.mp4", (await Deno.readFile(await make("with_index.mp4"))).subarray(0, 20_000)],
    ];
    for (const [name, bytes] of files) {
      await Deno.writeFile(`${dir}/${name}`, bytes);
      const player = await open(context, `${dir}/${name}`);
      for (let count = 1; count <= 2; count++) {
        await player.program.call("play");
        await player.untilEvent("error", 5000, count);
        await player.peer.until("the end", () => player.states().length === 2 * count);
      }
      expect([name, ...player.eventsOf("error").map(({ kind }) => kind)]).toEqual([
        ...[name, "INVALID_MEDIA", "INVALID_MEDIA"],
      ]);
      expect(player.states()).toEqual(["playing", "stopped", "playing", "stopped"]);
      expect(player.failures).toEqual([]);
      await player.close();
    }
  });

  test.concurrent("that is a playlist is played from the files beside it", async (context) => {
    await make("list.mkv", { audio: null });
    await Deno.mkdir(`${dir}/own list`);
    await runFfmpeg([
      ...["-i", `${dir}/list.mkv`, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0"],
      ...["-hls_flags", "single_file", `${dir}/own list/list.m3u8`],
    ]);
    const { pictures } = await playWhole(context, `${dir}/own%20list/list.m3u8`);
    expect(countersOf(pictures)).toEqual(countUp(60));
  });
});
