import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumIsThere, launchChromium, openPage, publish, until } from "../kit/chromium.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";

describe.skipIf(!chromiumIsThere())("what Chromium publishes is recorded, and Chromium watches it", () => {
  let media: MediaServer;
  let browser: Browser;
  beforeAll(async () => {
    [media, browser] = await Promise.all([startMediaServer(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await media?.stop();
  });

  test.each(["WEBM", "MP4"])("as %s, from the server's list, with jumps by ranges", async (mediaProfile) => {
    const name = `show.${mediaProfile.toLowerCase()}`;
    const ids = await media.make([
      { type: "WebRtcEndpoint", name: "camera" },
      { type: "RecorderEndpoint", name: "recorder", options: { uri: name, mediaProfile } },
    ], [{ source: "camera", sink: "recorder" }]);
    const page = await openPage(browser, `${media.server.baseUrl}/readyz`);
    const publisher = await publish(page, {
      whipUrl: `${media.server.baseUrl}/v1/elements/${ids.camera}/whip`,
      codec: "VP8",
      width: 320,
      height: 180,
      frameRate: 20,
      maxBitrateBps: 500_000,
      audio: true,
      source: "camera",
    });
    await until(publisher, "frames sent", ({ framesEncoded }) => framesEncoded > 10);
    await media.call(ids.recorder, "record");
    const list = async () => (await media.rest.get("/v1/recordings")).body.items;
    const durationMs = async () =>
      (await list()).find((each: { name: string }) => each.name === name)?.durationMs ?? 0;
    await expect.poll(durationMs, { timeout: 30_000 }).toBeGreaterThan(3500);
    await media.call(ids.recorder, "stopAndWait");
    await publisher.close();

    const watched = await page.evaluate(`(async () => {
      const video = document.createElement("video");
      video.muted = true;
      document.body.append(video);
      const until = (event) => new Promise((resolve, reject) => {
        video.addEventListener(event, resolve, { once: true });
        video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
      });
      const loaded = until("loadeddata");
      video.src = "/v1/recordings/${name}/file";
      await loaded;
      const sought = until("seeked");
      video.currentTime = 2;
      await sought;
      const ended = until("ended");
      await video.play();
      await ended;
      const quality = video.getVideoPlaybackQuality();
      return {
        durationMs: video.duration * 1000,
        width: video.videoWidth,
        frames: quality.totalVideoFrames,
        audioBytes: video.webkitAudioDecodedByteCount,
      };
    })()`) as { durationMs: number; width: number; frames: number; audioBytes: number };
    expect(Math.abs(watched.durationMs - await durationMs())).toBeLessThan(150);
    expect(watched.width).toBe(320);
    expect(watched.frames).toBeGreaterThan(15);
    expect(watched.audioBytes).toBeGreaterThan(1000);
    expect(media.heard(ids.recorder, "Error")).toEqual([]);
  });
});
