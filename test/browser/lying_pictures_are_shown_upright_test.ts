import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumIsThere, launchChromium, openPage, until, watch } from "../kit/chromium.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264, runFfmpeg } from "../kit/clip_file.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { playInPage } from "../kit/play_in_page.ts";
import { recordAll } from "../kit/record_all.ts";

const size = { width: 192, height: 96 };
const fps = 10;
const frameCount = 30;
const COLUMNS = 32;

const recordings: [string, Record<string, unknown>][] = [
  ["t.webm", { mediaProfile: "WEBM_VIDEO_ONLY" }],
  ["t.mkv", { mediaProfile: "MKV_VIDEO_ONLY" }],
  ["t.mp4", { mediaProfile: "MP4_VIDEO_ONLY" }],
  ["t-f.mp4", { container: "FMP4" }],
  // Segments of MPEG-TS cannot ask for a turn.
  ["t/all.m3u8", { container: "HLS" }],
];

/** A file as phones make it: upright pictures after a quarter turn that it asks for. */
async function makeLyingClip(folder: string): Promise<void> {
  const upright = `${folder}/upright.mp4`;
  await makeClipFile(upright, { ...size, fps, frameCount, video: plainH264, audio: null });
  // ffmpeg counts the turn against the clock.
  const laid = `${folder}/laid.mp4`;
  await runFfmpeg(["-i", upright, "-vf", "transpose=cclock", ...plainH264, laid]);
  await runFfmpeg(["-i", laid, "-c", "copy", "-metadata:s:v:0", "rotate=270", `${folder}/lying.mp4`]);
}

describe.skipIf(!chromiumIsThere() || !ffmpegCommandIsThere())("pictures that lie in a file", () => {
  let media: MediaServer;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    [media, browser] = await Promise.all([startMediaServer(), launchChromium()]);
    await makeLyingClip(media.mediaDir);
    await recordAll(media, "lying.mp4", recordings);
    page = await openPage(browser, `${media.server.baseUrl}/readyz`);
  });
  afterAll(async () => {
    await browser?.close();
    await media?.stop();
  });

  test.each(["H264", "VP8"] as const)(
    "are upright for a page that watches the player in %s",
    async (codec) => {
      const { player } = await media.make([
        { type: "PlayerEndpoint", name: "player", options: { uri: "lying.mp4", loop: true } },
      ]);
      const whepUrl = `${media.server.baseUrl}/v1/elements/${player}/whep`;
      await media.call(player, "play");
      const viewer = await watch(page, { whepUrl, codec });
      await until(
        viewer,
        "wide pictures",
        ({ frameWidth, framesDecoded }) => framesDecoded > 5 && frameWidth > 0,
      );
      const pixels = await viewer.pixels();
      // The number stands at the top, in black and white; nothing else has both.
      const contrast = (row: number) => {
        const greys = pixels.slice(row * COLUMNS, (row + 1) * COLUMNS);
        return Math.max(...greys) - Math.min(...greys);
      };
      expect(contrast(0)).toBeGreaterThan(180);
      expect(contrast(17)).toBeLessThan(140);
      await viewer.close();
    },
  );

  test.each(recordings)("are upright in %s of %o where Chromium plays it", async (uri) => {
    const path = `/v1/recordings/${encodeURIComponent(uri)}/file`;
    const played = await playInPage(page, path, [3, 17], { size, fps });
    expect(played).toMatchObject({ error: "", width: size.width, counters: [3, 17] });
  });
});
