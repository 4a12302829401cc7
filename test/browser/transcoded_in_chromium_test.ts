import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BrowserCodec,
  chartError,
  chromiumIsThere,
  launchChromium,
  openPage,
  publish,
  until,
  watch,
} from "../kit/chromium.ts";
import { startServer, type TestServer } from "../kit/server.ts";

describe.skipIf(!chromiumIsThere())("pages that take one codec only watch a publisher of another", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const newPage = () => openPage(browser, `${server.baseUrl}/readyz`);

  test.each<[BrowserCodec, BrowserCodec[]]>([
    ["VP8", ["H264", "VP9", "AV1"]],
    ["H264", ["VP8"]],
    ["VP9", ["H264"]],
    ["AV1", ["VP8"]],
  ])("%s to %s", async (codec, watched) => {
    const page = await newPage();
    const publisher = await publish(page, {
      whipUrl: `${server.baseUrl}/whip/${codec}`,
      codec,
      width: 320,
      height: 180,
      frameRate: 15,
      maxBitrateBps: 500_000,
      audio: true,
      source: "chart",
    });
    await until(publisher, "the publisher's connection", (s) => s.connectionState === "connected");
    for (const taken of watched) {
      const viewerPage = await newPage();
      const viewer = await watch(viewerPage, { whepUrl: `${server.baseUrl}/whep/${codec}`, codec: taken });
      const seen = await until(
        viewer,
        "30 pictures and sound",
        (s) => s.framesDecoded > 30 && s.totalAudioEnergy > 0,
        15_000,
      );
      expect(seen.codec).toBe(`video/${taken}`);
      expect([seen.frameWidth, seen.frameHeight]).toEqual([320, 180]);
      expect(await chartError(viewer)).toBeLessThan(8);
      expect(await viewer.close()).toBe(200);
      await viewerPage.context().close();
    }
    expect(await publisher.close()).toBe(200);
    await page.context().close();
  });
});
