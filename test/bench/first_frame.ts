import { launchChromium, openPage, publish, until, watch } from "../kit/chromium.ts";
import { onFreshServer } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { delay } from "./rig/server.ts";
import { round } from "./rig/window.ts";

/**
 * `deno task bench firstframe`: from a viewer's POST to its first painted picture, in Chromium, one viewer after the
 * other (`--viewers`, 10) on a running stream of 640x360.
 */
export async function firstFrame(options: BenchOptions): Promise<unknown> {
  return await onFreshServer(options, async (server) => {
    const browser = await launchChromium();
    try {
      const page = async () => await openPage(browser, `${server.baseUrl}/healthz`);
      const shape = {
        codec: "VP8",
        width: 640,
        height: 360,
        frameRate: 30,
        maxBitrateBps: 1_000_000,
      } as const;
      const whipUrl = `${server.baseUrl}/whip/first`;
      const publisher = await publish(await page(), { ...shape, whipUrl, audio: true, source: "noise" });
      await delay(4000);
      const times: number[] = [];
      for (let i = 0; i < (options.viewers ?? 10); i++) {
        const viewerPage = await page();
        const viewer = await watch(viewerPage, { whepUrl: `${server.baseUrl}/whep/first` });
        const seen = await until(viewer, "a picture", (stats) => stats.timeToFirstFrameMs !== null);
        times.push(seen.timeToFirstFrameMs ?? Infinity);
        await viewer.close();
        await viewerPage.close();
      }
      await publisher.close();
      times.sort((a, b) => a - b);
      return {
        viewers: times.length,
        postToFirstPictureMs: {
          min: round(times[0], 0),
          median: round(times[Math.floor(times.length / 2)], 0),
          max: round(times[times.length - 1], 0),
        },
      };
    } finally {
      await browser.close();
    }
  });
}
