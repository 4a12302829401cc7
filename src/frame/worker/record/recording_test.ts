import { expect, test } from "vitest";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import type { FrameMedia } from "../../types.ts";
import { profilePlans } from "./profile.ts";
import { Recording } from "./recording.ts";

const MEGABYTE = 1 << 20;

test("a disk that takes nothing costs frames, not memory, and the file goes on when it does", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/pipe.mkv`;
  // Opening it for writing waits for somebody who reads.
  expect(new Deno.Command("mkfifo", { args: [path] }).outputSync().success).toBe(true);
  const clock = new VirtualClock();
  let [congestions, asked] = [0, 0];
  const recording = new Recording({
    clock,
    plan: profilePlans.MKV,
    destination: { mainPath: path, partPath: () => path, upload: () => null, close: () => Promise.resolve() },
    segmentMs: null,
    segmentBytes: null,
    media: ["video"],
    isBusy: () => false,
    keyframeNeeded: () => asked++,
    grown: () => {},
    finished: () => Promise.resolve(),
    playlistChanged: () => Promise.resolve(),
    failed: () => {},
    congested: () => congestions++,
  });
  recording.header({
    media: "video",
    codec: "VP8",
    width: 320,
    height: 240,
    turn: 0,
    sampleRate: 0,
    channels: 0,
    extradata: new Uint8Array(),
  });
  const bytes = new Uint8Array(MEGABYTE);
  for (let index = 0; index < 100; index++) {
    clock.advance(40);
    recording.add({
      media: "video",
      codec: "VP8",
      bytes,
      atMs: index * 40,
      durationMs: 40,
      keyframe: index % 25 === 0,
    });
  }
  expect(congestions).toBe(1);
  const dropped = recording.droppedCount;
  expect(dropped).toBeGreaterThan(20);
  const reader = Deno.open(path).then(async (file) => {
    let count = 0;
    for await (const chunk of file.readable) count += chunk.length;
    return count;
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let index = 100; index < 126; index++) {
    clock.advance(40);
    recording.add({
      media: "video",
      codec: "VP8",
      bytes,
      atMs: index * 40,
      durationMs: 40,
      keyframe: index % 25 === 0,
    });
  }
  expect(recording.droppedCount).toBe(dropped);
  expect(asked).toBe(0);
  await recording.finish();
  // A pipe has no positions: what would be put right at the end is refused, and everything else has come.
  expect(await reader).toBeGreaterThan(80 * MEGABYTE);
  Deno.removeSync(folder, { recursive: true });
});

test("segments of a playlist are as long as it is to the next, and say that their packets are counted anew", async () => {
  const folder = Deno.makeTempDirSync();
  const clock = new VirtualClock();
  const recording = new Recording({
    clock,
    plan: profilePlans.HLS,
    destination: {
      mainPath: `${folder}/all.m3u8`,
      partPath: (number) => `${folder}/${number}.ts`,
      upload: () => null,
      close: () => Promise.resolve(),
    },
    segmentMs: 1000,
    segmentBytes: null,
    media: ["video", "audio"],
    isBusy: () => false,
    keyframeNeeded: () => {},
    grown: () => {},
    // Who takes it elsewhere may be killed when it is gone from here: the playlist has to know of it before.
    finished: ({ path }) => {
      expect(Deno.readTextFileSync(`${folder}/all.m3u8`)).toContain(path.slice(folder.length + 1));
      return Promise.resolve();
    },
    playlistChanged: () => Promise.resolve(),
    failed: () => {},
    congested: () => {},
  });
  const video = { media: "video" as const, codec: "H264" };
  const audio = { media: "audio" as const, codec: "AAC" };
  const picture = {
    width: 320,
    height: 240,
    turn: 0,
    sampleRate: 0,
    channels: 0,
    extradata: new Uint8Array(),
  };
  recording.header({ ...video, ...picture });
  const sound = { width: 0, height: 0, turn: 0, sampleRate: 48_000, channels: 2 };
  recording.header({ ...audio, ...sound, extradata: new Uint8Array([0x11, 0x90]) });
  const frameMs = 1024 / 48;
  const all = [
    ...Array.from({ length: 75 }, (_, index) => ({
      ...video,
      bytes: new Uint8Array([0, 0, 0, 1, index % 25 === 0 ? 0x65 : 0x41, 0x88, 0x84]),
      atMs: index * 40,
      durationMs: 40,
      keyframe: index % 25 === 0,
    })),
    ...Array.from({ length: 141 }, (_, index) => ({
      ...audio,
      bytes: new Uint8Array([0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c]),
      atMs: index * frameMs,
      durationMs: frameMs,
      keyframe: true,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const packet of all) recording.add(packet);
  await recording.finish();
  const playlist = Deno.readTextFileSync(`${folder}/all.m3u8`);
  // The last one is as long as its sound.
  expect([...playlist.matchAll(/^#EXTINF:(.*),$/gm)].map(([, seconds]) => seconds)).toEqual(
    ["1.00000", "1.00000", (141 * frameMs / 1000 - 2).toFixed(5)],
  );
  for (const number of [1, 2, 3]) {
    expect(firstPackets(Deno.readFileSync(`${folder}/${number}.ts`))).toEqual([true, true]);
  }
  Deno.removeSync(folder, { recursive: true });
});

test("a file that another recorder writes is told of by nobody else", async () => {
  const folder = Deno.makeTempDirSync();
  const first = videoRecording(`${folder}/a.mkv`);
  await expect.poll(() => first.grown).toBeGreaterThan(0);
  const second = videoRecording(`${folder}/a.mkv`);
  for (let index = 1; index < 30; index++) second.add(index * 40);
  await second.recording.finish();
  expect([second.grown, second.finished, second.faults]).toEqual([0, 0, ["RESOURCE_ERROR_OPEN"]]);
  await first.recording.finish();
  expect([first.finished, first.faults]).toEqual([1, []]);
  Deno.removeSync(folder, { recursive: true });
});

test("sound that comes when video has ended has a file of its own, and video that comes back another with both", async () => {
  const folder = Deno.makeTempDirSync();
  const one = videoRecording(`${folder}/a.mkv`);
  for (let index = 1; index < 25; index++) one.add(index * 40);
  for (let index = 25; index < 125; index++) one.hear(index * 40);
  // The first second of it was to wait for a keyframe.
  expect(one.asked).toBeGreaterThan(0);
  one.asked = 0;
  for (let index = 125; index < 150; index++) {
    one.hear(index * 40);
    one.add(index * 40, false);
  }
  expect(one.asked).toBeGreaterThan(0);
  one.add(6000, true);
  for (let index = 150; index < 200; index++) {
    one.hear(index * 40 + 1);
    one.add(index * 40 + 40, false);
  }
  await one.recording.finish();
  expect(one.faults).toEqual([]);
  expect(one.files).toEqual(["video, 1000 ms", "audio, 3000 ms", "video and audio, 2040 ms"]);
  Deno.removeSync(folder, { recursive: true });
});

test("sound that is still in work when the first picture comes stays in the file before it", async () => {
  const folder = Deno.makeTempDirSync();
  const one = recordingOf(`${folder}/a.mkv`, ["audio"]);
  for (let index = 0; index < 25; index++) one.hear(index * 40);
  one.show();
  one.add(1080, true);
  // As from an encoder, which gives its frames later than pictures come that are copied.
  for (let index = 25; index < 50; index++) {
    one.hear(index * 40);
    one.add(index * 40 + 120, false);
  }
  await one.recording.finish();
  expect(one.files).toEqual(["audio, 1080 ms", "video and audio, 1040 ms"]);
  Deno.removeSync(folder, { recursive: true });
});

test("how long a file is by now is told every half second", async () => {
  const folder = Deno.makeTempDirSync();
  const one = videoRecording(`${folder}/a.mkv`);
  await expect.poll(() => one.grown).toBe(1);
  for (let index = 1; index <= 100; index++) one.add(index * 40);
  expect(one.grown).toBeGreaterThanOrEqual(8);
  await one.recording.finish();
  Deno.removeSync(folder, { recursive: true });
});

/** A recording of pictures that has begun its file, with what it tells. */
function videoRecording(path: string, plan = profilePlans.MKV) {
  const told = recordingOf(path, ["video"], plan);
  told.show();
  told.add(0);
  return told;
}

/** A recording that begins with these tracks and has nothing yet, with what it tells. */
function recordingOf(path: string, media: FrameMedia[], plan = profilePlans.MKV) {
  const clock = new VirtualClock();
  const recording: Recording = new Recording({
    clock,
    plan,
    destination: {
      mainPath: path,
      partPath: (number) => `${path}${number > 1 ? `.${number}` : ""}${plan.hasPlaylist ? ".ts" : ""}`,
      upload: () => null,
      close: () => Promise.resolve(),
    },
    segmentMs: null,
    segmentBytes: null,
    media,
    isBusy: () => false,
    keyframeNeeded: () => told.asked++,
    grown: () => told.grown++,
    finished: ({ tracks, durationMs }) => {
      told.finished++;
      told.files.push(`${tracks.map(({ media }) => media).join(" and ")}, ${Math.round(durationMs)} ms`);
      return Promise.resolve();
    },
    playlistChanged: () => Promise.resolve(),
    failed: ({ kind }) => told.faults.push(kind),
    congested: () => {},
  });
  const add = (atMs: number, keyframe = atMs === 0) => {
    clock.advance(40);
    recording.add({ ...video, bytes: key, atMs, durationMs: 40, keyframe });
  };
  const hear = (atMs: number) => {
    clock.advance(40);
    const audio = { media: "audio" as const, codec: "OPUS" };
    if (!heard) {
      recording.header({
        ...audio,
        width: 0,
        height: 0,
        turn: 0,
        sampleRate: 48_000,
        channels: 2,
        extradata: opusHead,
      });
    }
    heard = true;
    recording.add({
      ...audio,
      bytes: new Uint8Array([0xfc, 0xff, 0xfe]),
      atMs,
      durationMs: 40,
      keyframe: true,
    });
  };
  let heard = false;
  const key = new Uint8Array([0, 0, 0, 1, 0x65, 0x88, 0x84]);
  const show = () =>
    recording.header({
      ...video,
      width: 320,
      height: 240,
      turn: 0,
      sampleRate: 0,
      channels: 0,
      extradata: new Uint8Array(),
    });
  const told = {
    recording,
    show,
    add,
    hear,
    grown: 0,
    finished: 0,
    asked: 0,
    files: [] as string[],
    faults: [] as string[],
  };
  const video = { media: "video" as const, codec: plan.hasPlaylist ? "H264" : "VP8" };
  return told;
}

test("a link where a playlist is made is not followed", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/outside`, "as before");
  Deno.mkdirSync(`${folder}/in`);
  Deno.symlinkSync(`${folder}/outside`, `${folder}/in/all.m3u8.new`);
  const { recording, faults } = videoRecording(`${folder}/in/all.m3u8`, profilePlans.HLS);
  await recording.finish();
  expect(faults).toEqual([]);
  expect(Deno.readTextFileSync(`${folder}/in/all.m3u8`)).toContain("#EXT-X-ENDLIST");
  expect(Deno.readTextFileSync(`${folder}/outside`)).toBe("as before");
  Deno.removeSync(folder, { recursive: true });
});

/** Identification header of Opus in stereo (RFC 7845 section 5.1). */
const opusHead = new Uint8Array([
  ...new TextEncoder().encode("OpusHead"),
  1,
  2,
  0,
  0,
  0x80,
  0xbb,
  0,
  0,
  0,
  0,
  0,
]);

/** Whether the first transport packet of each elementary stream has the discontinuity_indicator (H.222.0, 2.4.3.5). */
function firstPackets(bytes: Uint8Array): boolean[] {
  const first = new Map<number, boolean>();
  for (let at = 0; at < bytes.length; at += 188) {
    const pid = (bytes[at + 1] & 0x1f) << 8 | bytes[at + 2];
    const hasField = (bytes[at + 3] & 0x20) !== 0 && bytes[at + 4] > 0;
    if (pid >= 0x100 && pid < 0x1000 && !first.has(pid)) first.set(pid, hasField && bytes[at + 5] >= 0x80);
  }
  return [...first.values()];
}
