import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumIsThere, launchChromium, openPage } from "../kit/chromium.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { playInPage } from "../kit/play_in_page.ts";
import { recordAll } from "../kit/record_all.ts";

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
      await recordAll(media, "clip.mkv", recordings);
      page = await openPage(browser, `${media.server.baseUrl}/readyz`);
    });
    afterAll(async () => {
      await browser?.close();
      await media?.stop();
    });

    test.each(recordings)("%s of %o", async (name, _options, tracks) => {
      const { body } = await media.rest.get(`/v1/recordings/${encodeURIComponent(name)}`);
      expect(body.state).toBe("complete");
      const hasVideo = tracks.includes("v");
      const numbers = hasVideo ? [23, 38, 4] : [];
      const path = `/v1/recordings/${encodeURIComponent(name)}/file`;
      const played = await playInPage(page, path, numbers, { size, fps });
      expect(played.error).toBe("");
      expect(played.width).toBe(hasVideo ? size.width : 0);
      expect(played.counters).toEqual(numbers);
      expect(Math.abs(played.durationMs - SECONDS * 1000)).toBeLessThan(200);
      expect(Math.abs(played.durationMs - body.durationMs)).toBeLessThan(200);
      expect(Math.abs(played.endMs - played.durationMs)).toBeLessThan(200);
      // Its silence takes a few bytes.
      if (tracks.includes("a")) expect(played.audioBytes).toBeGreaterThan(0);
      else expect(played.audioBytes).toBe(0);
    });
  },
);
