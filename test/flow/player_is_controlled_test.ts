import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type ClipFileOptions,
  ffmpegCommandIsThere,
  makeClipFile,
  plainH264,
  reorderedH264,
} from "../kit/clip_file.ts";
import { openPlayer, type PlayerUnderTest } from "../kit/player.ts";

const clip = {
  width: 320,
  height: 240,
  fps: 30,
  frameCount: 150,
  video: plainH264,
  audio: ["-c:a", "libopus"],
};
let dir = "";
let player: PlayerUnderTest;
beforeAll(async () => {
  dir = await Deno.makeTempDir({ prefix: "kaskado_play_" });
});
afterAll(() => Deno.remove(dir, { recursive: true }));
afterEach(() => player?.close());

const make = (name: string, options: Partial<ClipFileOptions> = {}) =>
  makeClipFile(`${dir}/${name}`, { ...clip, ...options });
const call = (operation: string, input = {}) => player.program.call(operation, input);
const position = async () => (await call("position") as { positionMs: number }).positionMs;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const countUp = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const framesCame = () => {
  const stream = player.streamOf("video");
  return stream ? new Set(player.peer.of(stream.ssrc).map(({ timestamp }) => timestamp)).size : 0;
};
const counters = () => player.pictures().map(({ counter }) => counter);
const timestampSteps = () => {
  const pictures = player.pictures();
  return pictures.slice(1).map(({ timestamp }, index) => timestamp - pictures[index].timestamp);
};

describe.runIf(ffmpegCommandIsThere())("a player", () => {
  test("pauses and plays on where it stood; time goes on meanwhile", async () => {
    player = await openPlayer(`file://${await make("pause.mp4")}`, { mediaDir: dir });
    await call("play");
    await player.peer.until("a second", () => framesCame() >= 30);
    await call("pause");
    const [at, came] = [await position(), framesCame()];
    expect(at).toBeGreaterThan(800);
    await pause(1000);
    expect(framesCame() - came).toBeLessThanOrEqual(1);
    expect(await position() - at).toBeLessThanOrEqual(40);
    await call("play");
    await player.untilEvent("endOfStream");
    expect(counters()).toEqual(countUp(150));
    const gaps = timestampSteps().filter((step) => step > 3500);
    expect(gaps.length).toBe(1);
    expect(gaps[0]).toBeGreaterThan(90_000);
    expect(gaps[0]).toBeLessThan(270_000);
    expect(player.states()).toEqual(["playing", "paused", "playing", "stopped"]);
  });

  test("goes to positions, while it plays and while it is paused, and tells where it is", async () => {
    player = await openPlayer(`file://${await make("seek.mp4", { frameCount: 450 })}`, { mediaDir: dir });
    await expect(call("seek", { positionMs: 1000 })).rejects.toThrow("the source is not open");
    await call("play");
    // Waits for the opening.
    await call("seek", { positionMs: 7000 });
    const soughtMs = performance.now();
    await player.peer.until("pictures", () => framesCame() >= 15);
    expect(await call("videoInfo")).toEqual({
      isSeekable: true,
      seekableInitMs: 0,
      seekableEndMs: 15_000,
      durationMs: 15_000,
    });
    expect(Math.abs(await position() - 7000 - (performance.now() - soughtMs))).toBeLessThan(400);
    await call("pause");
    const before = framesCame();
    await call("seek", { positionMs: 3000 });
    expect(Math.abs(await position() - 3000)).toBeLessThan(100);
    // Whoever drags a slider asks for many: each is answered, and the last one counts.
    await Promise.all([9000, 4000, 11_000, 14_000].map((positionMs) => call("seek", { positionMs })));
    await call("play");
    await player.untilEvent("endOfStream");
    const shown = counters() as number[];
    const [first, second] = [shown.slice(0, before), shown.slice(before)];
    // A keyframe every second: it begins with the one at the position.
    expect(first.filter((counter) => counter >= 210)).toEqual(
      countUp(first.filter((c) => c >= 210).length, 210),
    );
    expect(first.length).toBeGreaterThanOrEqual(15);
    expect(second).toEqual(countUp(30, 420));
    for (const positionMs of [-1, NaN, "soon", 1e9, undefined]) {
      await expect(call("seek", { positionMs })).rejects.toThrow("Cannot seek");
    }
    expect(timestampSteps().every((step) => step > 0)).toBe(true);
  });

  test("that is not to decode begins at the keyframe before a position, and says so, paused or not", async () => {
    const video = [...plainH264, "-g", "300"];
    player = await openPlayer(`file://${await make("far.mp4", { frameCount: 240, video })}`, {
      mediaDir: dir,
      useEncodedMedia: true,
    });
    await call("play");
    await player.peer.until("pictures", () => framesCame() >= 15);
    await call("pause");
    await call("seek", { positionMs: 5000 });
    expect(await position()).toBeLessThan(100);
    await call("play");
    await call("seek", { positionMs: 6000 });
    expect(await position()).toBeLessThan(400);
  });

  test("refuses positions behind the end and stays where it is", async () => {
    player = await openPlayer(`file://${await make("end.mp4", { frameCount: 60 })}`, { mediaDir: dir });
    await call("play");
    await expect(call("seek", { positionMs: 2500 })).rejects.toThrow("a duration of 2000 ms");
    await player.untilEvent("endOfStream");
    expect(counters()).toEqual(countUp(60));
    await expect(call("seek", { positionMs: 0 })).rejects.toThrow("not open");
  });

  test("stops at once, says nothing of an end, and begins anew from the start", async () => {
    player = await openPlayer(`file://${await make("stop.mp4", { video: reorderedH264 })}`, {
      mediaDir: dir,
    });
    await call("play");
    await player.peer.until("pictures", () => framesCame() >= 20);
    await call("stop");
    const came = framesCame();
    await pause(300);
    expect(framesCame()).toBe(came);
    expect(player.eventsOf("endOfStream")).toEqual([]);
    expect(await position()).toBe(0);
    // In any order, and as often as one likes.
    for (const operation of ["stop", "pause", "play", "stop", "play", "pause", "stop", "play"]) {
      void call(operation);
    }
    await player.untilEvent("endOfStream", 10_000);
    const shown = counters();
    expect(shown.slice(-150)).toEqual(countUp(150));
    expect(timestampSteps().every((step) => step > 0)).toBe(true);
    expect(player.states()).toEqual([
      ...["playing", "stopped", "playing", "stopped"],
      ...player.states().slice(4),
    ]);
    expect(player.states().at(-1)).toBe("stopped");
  });

  test("that is told to pause right behind play, or stop and play, shows nothing before the next play", async () => {
    player = await openPlayer(`file://${await make("at_once.mp4")}`, { mediaDir: dir });
    for (
      const operations of [["play", "pause"], ["stop", "play", "pause"], ["play", "stop", "play", "pause"]]
    ) {
      await Promise.all(operations.map((operation) => call(operation)));
      expect(player.states().at(-1)).toBe("paused");
      const came = framesCame();
      await pause(300);
      expect(framesCame() - came).toBeLessThanOrEqual(1);
    }
    await call("play");
    await player.peer.until("pictures", () => framesCame() >= 10);
  });

  test.each([["copied", plainH264], ["encoded", reorderedH264]])(
    "plays %s media in a loop as one stream, with a round's length to each round",
    async (name, video) => {
      player = await openPlayer(`file://${await make(`loop_${name}.mp4`, { video, frameCount: 45 })}`, {
        mediaDir: dir,
        loop: true,
      });
      await call("play");
      await player.peer.until("four rounds", () => framesCame() >= 180, 15_000);
      await call("stop");
      expect(counters().slice(0, 180)).toEqual([0, 1, 2, 3].flatMap(() => countUp(45)));
      expect(player.eventsOf("stream").length).toBe(2);
      expect(player.eventsOf("opened").length).toBeGreaterThanOrEqual(4);
      expect(player.eventsOf("reconnected")).toEqual([]);
      expect(player.eventsOf("endOfStream")).toEqual([]);
      const pictures = player.pictures();
      const rounds = [0, 45, 90, 135].map((index) => pictures[index].timestamp);
      rounds.slice(1).forEach((timestamp, index) => {
        expect((timestamp - rounds[index]) / 90).toBeGreaterThan(1495);
        // On an idle machine a few milliseconds more than its length.
        expect((timestamp - rounds[index]) / 90).toBeLessThan(1800);
      });
      expect(timestampSteps().every((step) => step > 0)).toBe(true);
    },
  );

  test("sends the packets unchanged when it is told to, and leaves out what RTP has no place for", async () => {
    const path = await make("as_it_is.mp4", { video: reorderedH264, audio: ["-c:a", "aac"], frameCount: 60 });
    player = await openPlayer(`file://${path}`, { mediaDir: dir, useEncodedMedia: true });
    await call("play");
    await player.untilEvent("endOfStream");
    expect(player.eventsOf("stream").map(({ format }) => format.format)).toEqual(["H264/1/6400"]);
    expect(player.eventsOf("error").map(({ kind, description }) => [kind, description])).toEqual([
      ["INVALID_MEDIA", expect.stringContaining("audio")],
    ]);
    // The test's decoder puts them in order; time stamps are those of presentation, so they go back and forth.
    expect(counters()).toEqual(countUp(60));
    expect(timestampSteps().some((step) => step < 0)).toBe(true);
  });

  test("answers a request for a keyframe of encoded media with the next picture", async () => {
    player = await openPlayer(`file://${await make("key.mp4", { video: reorderedH264 })}`, { mediaDir: dir });
    await call("play");
    await player.peer.until("pictures", () => framesCame() >= 40);
    const { ssrc } = player.streamOf("video")!;
    const [asked, askedMs] = [framesCame(), performance.now()];
    player.peer.requestKeyframe(ssrc, "PLI");
    await player.peer.until("pictures", () => framesCame() >= asked + 30);
    const keyframes = player.peer.frames("H264", ssrc).filter(({ keyframe }) => keyframe);
    expect(keyframes.length).toBe(2);
    expect(keyframes[1].atMs - askedMs).toBeLessThan(500);
  });

  test("ends its streams with BYE when it is closed, and refuses what it does not know", async () => {
    player = await openPlayer(`file://${await make("bye.mp4")}`, { mediaDir: dir });
    await expect(call("record")).rejects.toThrow('Cannot run "record"');
    await call("play");
    await player.peer.until("pictures", () => framesCame() >= 5);
    player.program.close();
    // SR, SDES and BYE (203) in one compound, of either stream.
    await player.peer.until(
      "both",
      () => player.peer.rtcp.filter((bytes) => bytes.includes(203)).length >= 2,
    );
  });
});
