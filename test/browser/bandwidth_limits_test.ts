import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BrowserSession,
  type BrowserStats,
  chromiumIsThere,
  launchChromium,
  openPage,
  pixelChange,
  publish,
  until,
  watch,
} from "../kit/chromium.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const MEASURED_MS = 2000;
const UNLIMITED_BPS = 900_000;

describe.skipIf(!chromiumIsThere())("bounds of video bandwidth act on a browser that publishes", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("the publisher's own, and the least of its viewers', within seconds; lifted, the rate rises again", async () => {
    const rest = restClient(server.baseUrl);
    const pages = [
      await openPage(browser, `${server.baseUrl}/readyz`),
      await openPage(browser, `${server.baseUrl}/readyz`),
    ];
    const publisher = await publish(pages[0], {
      whipUrl: `${server.baseUrl}/whip/bounds`,
      codec: "VP8",
      width: 640,
      height: 360,
      frameRate: 30,
      maxBitrateBps: 1_500_000,
      audio: false,
      source: "noise",
    });
    const viewer = await watch(pages[1], { whepUrl: `${server.baseUrl}/whep/bounds` });
    const elements = (await rest.get("/v1/elements")).body.items as { id: string; name: string }[];
    const sending = elements.find(({ name }) => name === "publisher")!;
    const watching = elements.find(({ id }) => id !== sending.id)!;
    const bound = async (id: string, properties: Record<string, number>) => {
      expect((await rest.patch(`/v1/elements/${id}`, { properties })).status).toBe(200);
    };

    await reaches(publisher, sent, (bps) => bps >= UNLIMITED_BPS);
    await bound(sending.id, { maxVideoRecvBandwidth: 300 });
    await reaches(viewer, received, (bps) => bps > 50_000 && bps <= 1.2 * 300_000);
    await bound(sending.id, { maxVideoRecvBandwidth: 0 });
    await reaches(viewer, received, (bps) => bps >= UNLIMITED_BPS);

    await bound(watching.id, { maxVideoSendBandwidth: 400 });
    await reaches(viewer, received, (bps) => bps > 50_000 && bps <= 1.2 * 400_000);
    await bound(watching.id, { maxVideoSendBandwidth: 0 });
    await reaches(viewer, received, (bps) => bps >= UNLIMITED_BPS);
    await Promise.all([publisher.close(), viewer.close()]);
  });

  test("each viewer of a simulcast publisher has the highest layer that its bound allows, and changes without a break", async () => {
    const rest = restClient(server.baseUrl);
    const pages = await Promise.all([1, 2, 3].map(() => openPage(browser, `${server.baseUrl}/readyz`)));
    const publisher = await publish(pages[0], {
      whipUrl: `${server.baseUrl}/whip/layers`,
      codec: "VP8",
      width: 640,
      height: 360,
      frameRate: 20,
      maxBitrateBps: 0,
      layers: [
        { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 900_000 },
        { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 120_000 },
      ],
      audio: false,
      source: "camera",
    });
    const before = new Set((await rest.get("/v1/elements")).body.items.map(({ id }: { id: string }) => id));
    const free = await watch(pages[1], { whepUrl: `${server.baseUrl}/whep/layers` });
    await hasWidth(free, 640);
    const known = new Set((await rest.get("/v1/elements")).body.items.map(({ id }: { id: string }) => id));
    const bounded = await watch(pages[2], { whepUrl: `${server.baseUrl}/whep/layers` });
    const elements = (await rest.get("/v1/elements")).body.items as { id: string }[];
    const watching = elements.find(({ id }) => !known.has(id))!;
    expect(known.size).toBe(before.size + 1);
    await hasWidth(bounded, 640);
    for (const [maxVideoSendBandwidth, width] of [[200, 160], [0, 640]]) {
      const { status } = await rest.patch(`/v1/elements/${watching.id}`, {
        properties: { maxVideoSendBandwidth },
      });
      expect(status).toBe(200);
      await hasWidth(bounded, width);
      expect(await pixelChange(bounded, 500)).toBeGreaterThan(0.02);
    }
    await hasWidth(free, 640);
    const own = await bounded.stats();
    expect(own.packetsLost).toBe(0);
    expect(own.pliCount).toBe(0);
    await Promise.all([publisher.close(), free.close(), bounded.close()]);
  });
});

const hasWidth = (session: BrowserSession, width: number) =>
  until(session, `pictures ${width} wide`, (stats) => stats.frameWidth === width, 30_000);

const sent = (stats: BrowserStats) => stats.bytesSent;
const received = (stats: BrowserStats) => stats.bytesReceived;

/** Measures until the rate over two seconds is as wanted, at most 30 s. */
async function reaches(
  session: BrowserSession,
  bytesOf: (stats: BrowserStats) => number,
  wanted: (bps: number) => boolean,
): Promise<void> {
  const measured: number[] = [];
  for (const endMs = performance.now() + 30_000; performance.now() < endMs;) {
    const before = await session.stats();
    await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
    const after = await session.stats();
    measured.push(Math.round((bytesOf(after) - bytesOf(before)) * 8000 / (after.atMs - before.atMs)));
    if (wanted(measured.at(-1)!)) return;
  }
  expect.fail(`rates in bit/s: ${measured.join(", ")}`);
}
