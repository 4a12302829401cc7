import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumIsThere, launchChromium, openPage } from "../kit/chromium.ts";
import { readFrameCounter } from "../kit/clip.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";

const size = { width: 192, height: 96 };
const fps = 10;
const SECONDS = 4;

/** Name, options, and the tracks that are to be played. Chromium has no demultiplexer for FLV and none for pictures in a row. */
const recordings: [string, Record<string, unknown>, string][] = [
  ["a.webm", { mediaProfile: "WEBM" }, "av"],
  ["v.webm", { mediaProfile: "WEBM_VIDEO_ONLY" }, "v"],
  ["s.webm", { mediaProfile: "WEBM_AUDIO_ONLY" }, "a"],
  ["a.mkv", { mediaProfile: "MKV" }, "av"],
  ["v.mkv", { mediaProfile: "MKV_VIDEO_ONLY" }, "v"],
  ["s.mkv", { mediaProfile: "MKV_AUDIO_ONLY" }, "a"],
  ["a.mp4", { mediaProfile: "MP4" }, "av"],
  ["v.mp4", { mediaProfile: "MP4_VIDEO_ONLY" }, "v"],
  ["s.mp4", { mediaProfile: "MP4_AUDIO_ONLY" }, "a"],
  ["f.mp4", { container: "FMP4" }, "av"],
  ["live/all.m3u8", { container: "HLS", segmentMs: 1000 }, "av"],
];

/** What a video element makes of a recording. */
interface Played {
  durationMs: number;
  width: number;
  /** Luma of the picture at each time that was sought. */
  pictures: number[][];
  endMs: number;
  audioBytes: number;
  error: string;
}

describe.skipIf(!chromiumIsThere() || !ffmpegCommandIsThere())(
  "Chromium plays from the list of recordings",
  () => {
    let media: MediaServer;
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      [media, browser] = await Promise.all([startMediaServer(), launchChromium()]);
      await makeClipFile(`${media.mediaDir}/clip.mkv`, {
        ...{ ...size, fps, frameCount: SECONDS * fps },
        video: [...plainH264, "-g", String(fps), "-profile:v", "baseline"],
        audio: ["-c:a", "libopus"],
      });
      await recordAll();
      page = await openPage(browser, `${media.server.baseUrl}/readyz`);
    });
    afterAll(async () => {
      await browser?.close();
      await media?.stop();
    });

    /** One player feeds all of them. */
    async function recordAll(): Promise<void> {
      const recorders = recordings.map(([uri, options]) => ({
        type: "RecorderEndpoint",
        name: uri,
        options: { uri, stopOnEndOfStream: true, ...options },
      }));
      const ids = await media.make(
        [{ type: "PlayerEndpoint", name: "player", options: { uri: "clip.mkv" } }, ...recorders],
        recorders.map(({ name }) => ({ source: "player", sink: name })),
      );
      for (const { name } of recorders) await media.call(ids[name], "record");
      await media.call(ids.player, "play");
      for (const { name } of recorders) await media.event(ids[name], "Stopped", () => true, 30_000);
    }

    test.each(recordings)("%s of %o", async (name, _options, tracks) => {
      const { body } = await media.rest.get(`/v1/recordings/${encodeURIComponent(name)}`);
      expect(body.state).toBe("complete");
      const hasVideo = tracks.includes("v");
      const numbers = hasVideo ? [23, 38, 4] : [];
      const times = numbers.map((number) => (number + 0.5) / fps);
      const path = `/v1/recordings/${encodeURIComponent(name)}/file`;
      const played = await page.evaluate(
        `(${look})(${JSON.stringify(path)}, ${JSON.stringify(times)})`,
      ) as Played;
      expect(played.error).toBe("");
      expect(played.width).toBe(hasVideo ? size.width : 0);
      expect(played.pictures.map((luma) => readFrameCounter(Uint8Array.from(luma), size))).toEqual(numbers);
      expect(Math.abs(played.durationMs - SECONDS * 1000)).toBeLessThan(200);
      expect(Math.abs(played.durationMs - body.durationMs)).toBeLessThan(200);
      expect(Math.abs(played.endMs - played.durationMs)).toBeLessThan(200);
      // Its silence takes a few bytes.
      if (tracks.includes("a")) expect(played.audioBytes).toBeGreaterThan(0);
      else expect(played.audioBytes).toBe(0);
    });
  },
);

/** Runs in the page: seeks to these times, then plays the last of it to its end. */
const look = `async (url, times) => {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  document.body.append(video);
  const happens = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
    setTimeout(() => reject(new Error("no " + name + " within 10 s")), 10000);
  });
  const result = { durationMs: 0, width: 0, pictures: [], endMs: 0, audioBytes: 0, error: "" };
  try {
    const loaded = happens("loadeddata");
    video.src = url;
    await loaded;
    result.durationMs = video.duration * 1000;
    result.width = video.videoWidth;
    const canvas = new OffscreenCanvas(video.videoWidth || 1, video.videoHeight || 1);
    const drawing = canvas.getContext("2d", { willReadFrequently: true });
    for (const time of times) {
      const sought = happens("seeked");
      const painted = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      video.currentTime = time;
      await sought;
      await painted;
      drawing.drawImage(video, 0, 0);
      const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
      result.pictures.push(Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]));
    }
    const sought = happens("seeked");
    video.currentTime = video.duration - 0.4;
    await sought;
    const ended = happens("ended");
    await video.play();
    await ended;
    result.endMs = video.currentTime * 1000;
    result.audioBytes = video.webkitAudioDecodedByteCount;
  } catch (error) {
    result.error = String(error);
  }
  video.remove();
  return result;
}`;
