import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { chromiumIsThere, launchChromium, pixelChange, until } from "../kit/chromium.ts";
import { camera as wide, openKurentoPage } from "../kit/kurento_page.ts";
import { startServer, type TestServer } from "../kit/server.ts";

// Small pictures: the pages of two tests share the processor.
vi.setConfig({ maxConcurrency: 2 });
const camera = { ...wide, width: 320, height: 180 };

describe.skipIf(!chromiumIsThere())("pages that signal by JSON-RPC", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  // First: the camera of a browser cannot be had larger than another page has it.
  test("one to many by DispatcherOneToMany: who is seen changes while viewers stay", async () => {
    const pages = [];
    for (let i = 0; i < 3; i++) pages.push(await openKurentoPage(browser, server.baseUrl));
    const [big, small, watching] = pages;
    const mediaPipeline = await watching.create("MediaPipeline");
    const hub = await watching.create("DispatcherOneToMany", { mediaPipeline });
    const join = async (page: typeof big) => {
      const endpoint = await page.create("WebRtcEndpoint", { mediaPipeline });
      const port = await page.create("HubPort", { hub });
      return { page, endpoint, port };
    };
    const speakers = [await join(big), await join(small)];
    const audience = await join(watching);
    for (const { page, endpoint, port } of speakers) await page.invoke(endpoint, "connect", { sink: port });
    await watching.invoke(audience.port, "connect", { sink: audience.endpoint });
    await watching.invoke(hub, "setSource", { source: speakers[0].port });
    await big.negotiate({ endpoint: speakers[0].endpoint, send: wide });
    await small.negotiate({ endpoint: speakers[1].endpoint, send: camera });
    const session = await watching.negotiate({ endpoint: audience.endpoint, receive: true });
    await until(
      session,
      "the first speaker",
      ({ framesDecoded, frameWidth }) => framesDecoded > 20 && frameWidth > 320,
    );
    await watching.invoke(hub, "setSource", { source: speakers[1].port });
    await until(session, "the second speaker", ({ frameWidth }) => frameWidth > 0 && frameWidth <= 320);
    const { framesDecoded } = await session.stats();
    await until(session, "more of the second speaker", (now) => now.framesDecoded > framesDecoded + 20);
    expect(await pixelChange(session, 1000)).toBeGreaterThan(0.2);
    await watching.invoke(hub, "removeSource");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const stopped = await session.stats();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await session.stats()).bytesReceived).toBe(stopped.bytesReceived);
    await watching.call("release", { object: mediaPipeline });
  });

  test.concurrent("hello world: an endpoint connected to itself gives the page its own camera back", async () => {
    const page = await openKurentoPage(browser, server.baseUrl);
    const mediaPipeline = await page.create("MediaPipeline");
    const endpoint = await page.create("WebRtcEndpoint", { mediaPipeline });
    await page.invoke(endpoint, "connect", { sink: endpoint });
    const session = await page.negotiate({ endpoint, send: camera, receive: true });
    await until(session, "decoded frames of its own", ({ framesDecoded }) => framesDecoded > 30);
    expect(await pixelChange(session, 1000)).toBeGreaterThan(0.2);
    await until(session, "sound of its own", ({ totalAudioEnergy }) => totalAudioEnergy > 0);
    expect(await page.invoke(endpoint, "isMediaFlowingIn", { mediaType: "VIDEO" })).toBe(true);
    const stats = Object.values<{ type: string; packetsReceived: number }>(
      await page.invoke(endpoint, "getStats", { mediaType: "VIDEO" }),
    );
    expect(stats.find(({ type }) => type === "inboundrtp")!.packetsReceived).toBeGreaterThan(30);
    await page.call("release", { object: mediaPipeline });
    await until(session, "the end", ({ connectionState }) => connectionState !== "connected");
  });

  test.concurrent("one to one: two pages see each other", async () => {
    const [alice, bob] = [
      await openKurentoPage(browser, server.baseUrl),
      await openKurentoPage(browser, server.baseUrl),
    ];
    const mediaPipeline = await alice.create("MediaPipeline");
    const ends = [
      await alice.create("WebRtcEndpoint", { mediaPipeline }),
      await bob.create("WebRtcEndpoint", { mediaPipeline }),
    ];
    await alice.invoke(ends[0], "connect", { sink: ends[1] });
    await bob.invoke(ends[1], "connect", { sink: ends[0] });
    const sessions = [
      await alice.negotiate({ endpoint: ends[0], send: camera, receive: true }),
      await bob.negotiate({ endpoint: ends[1], send: camera, receive: true }),
    ];
    for (const session of sessions) {
      await until(session, "the other's frames", ({ framesDecoded }) => framesDecoded > 30);
      expect(await pixelChange(session, 1000)).toBeGreaterThan(0.2);
    }
    await alice.call("release", { object: mediaPipeline });
  });

  test.concurrent("one to many by plain connections: a late viewer sees within a second", async () => {
    const pages = [];
    for (let i = 0; i < 3; i++) pages.push(await openKurentoPage(browser, server.baseUrl));
    const mediaPipeline = await pages[0].create("MediaPipeline");
    const presenter = await pages[0].create("WebRtcEndpoint", { mediaPipeline });
    await pages[0].negotiate({ endpoint: presenter, send: camera });
    for (const page of pages.slice(1)) {
      const viewer = await page.create("WebRtcEndpoint", { mediaPipeline });
      await page.invoke(presenter, "connect", { sink: viewer });
      const session = await page.negotiate({ endpoint: viewer, receive: true });
      await until(session, "the presenter's frames", ({ framesDecoded }) => framesDecoded > 20);
      expect(await pixelChange(session, 1000)).toBeGreaterThan(0.2);
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    await pages[0].call("release", { object: mediaPipeline });
  });

  test.concurrent("data channels: what the page sends comes back through an endpoint connected to itself", async () => {
    const page = await openKurentoPage(browser, server.baseUrl);
    const mediaPipeline = await page.create("MediaPipeline");
    const endpoint = await page.create("WebRtcEndpoint", { mediaPipeline, useDataChannels: true });
    await page.invoke(endpoint, "connect", { sink: endpoint });
    const session = await page.negotiate({ endpoint, channel: "chat" });
    const texts = ["hello", "", "Grüße 🎥", "x".repeat(60_000)];
    for (const text of texts) await session.sendText(text);
    const deadlineMs = performance.now() + 10_000;
    while ((await session.receivedTexts()).length < texts.length && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await session.receivedTexts()).toEqual(texts);
    await page.call("release", { object: mediaPipeline });
  });
});
