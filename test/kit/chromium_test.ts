import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BrowserCodec,
  chromiumIsThere,
  launchChromium,
  loopback,
  openPage,
  pixelChange,
  until,
} from "./chromium.ts";

const codecs: BrowserCodec[] = ["VP8", "VP9", "H264", "AV1"];

describe.skipIf(!chromiumIsThere())("Chromium to Chromium, without a server", () => {
  let browser: Browser;
  let blank: Deno.HttpServer<Deno.NetAddr>;

  beforeAll(async () => {
    const html = { headers: { "content-type": "text/html" } };
    blank = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("<!doctype html>", html),
    );
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await blank.shutdown();
  });

  const camera = {
    width: 640,
    height: 360,
    frameRate: 30,
    maxBitrateBps: 800_000,
    audio: true,
    source: "camera",
  };

  test.each(codecs)("%s is encoded, decoded, painted and heard", async (codec) => {
    const page = await openPage(browser, `http://127.0.0.1:${blank.addr.port}/`);
    const { viewer, publisher } = await loopback(page, { ...camera, codec, source: "camera" });
    const stats = await until(
      viewer,
      "pictures and sound",
      (s) => s.framesDecoded > 30 && s.totalAudioEnergy > 0,
    );
    expect(stats.codec).toBe(`video/${codec}`);
    // It may still be smaller than the camera's, because a sender starts with 300 kbit/s.
    expect(stats.frameWidth / stats.frameHeight).toBeCloseTo(16 / 9);
    expect(stats.timeToFirstFrameMs).toBeLessThan(3000);
    expect(await pixelChange(viewer, 500)).toBeGreaterThan(0.2);
    expect((await publisher.stats()).framesEncoded).toBeGreaterThan(30);
    await page.context().close();
  });

  test("a noisy picture uses up the bitrate it may have", async () => {
    const page = await openPage(browser, `http://127.0.0.1:${blank.addr.port}/`);
    const wide = { ...camera, width: 1280, height: 720, maxBitrateBps: 2_500_000 };
    const { publisher } = await loopback(page, { ...wide, codec: "VP8", source: "noise" });
    const first = await until(publisher, "2.3 Mbps allowed", (s) => s.targetBitrateBps > 2_300_000, 15_000);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const second = await publisher.stats();
    const bitrateBps = (second.bytesSent - first.bytesSent) * 8000 / (second.atMs - first.atMs);
    expect(bitrateBps).toBeGreaterThan(1_800_000);
    await page.context().close();
  });
});
