import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { chromiumIsThere, launchChromium } from "../kit/chromium.ts";
import { startServer, type TestServer } from "../kit/server.ts";

vi.setConfig({ maxConcurrency: 3 });

describe.skipIf(!chromiumIsThere())("the page at /", () => {
  let server: TestServer;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await startServer();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (line) => /Content Security Policy/.test(line.text()) && complaints.push(line.text()));
    await page.goto(server.baseUrl + path);
    return page;
  }

  const says = (page: Page, text: string) =>
    page.waitForSelector(`#state:has-text("${text}")`, { timeout: 15_000 });

  /** Seconds of picture that pass in one second: about 1 while it moves. */
  const pace = (page: Page) =>
    page.evaluate(`(async () => {
      const video = document.getElementById("video");
      const before = video.currentTime;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return video.videoWidth > 0 ? video.currentTime - before : 0;
    })()`) as Promise<number>;

  test.concurrent("a person publishes, another one watches by a link, and the list says so", async ({ expect }) => {
    const publisher = await open("/?publish=demo");
    await publisher.click("#publish-button");
    await says(publisher, "Publishing demo");
    const viewer = await open("/?watch=demo");
    await says(viewer, "Watching demo");
    await expect.poll(() => pace(viewer), { timeout: 10_000 }).toBeGreaterThan(0.5);
    expect(await viewer.textContent("#figures")).toMatch(/^\d+ × \d+ · .*bit\/s · \w+$/);
    await viewer.waitForSelector('#streams button:has-text("demo"):has-text("Live"):has-text("1 viewer")');

    await publisher.click("#publish-button");
    await says(viewer, "Nothing arrives from demo now");
    await publisher.click("#publish-button");
    await says(viewer, "Watching demo");
    await expect.poll(() => pace(viewer), { timeout: 10_000 }).toBeGreaterThan(0.5);
    await publisher.click("#publish-button");
  });

  test.concurrent("who comes before the publisher waits, and sees the picture once it is there", async ({ expect }) => {
    const viewer = await open("/?watch=early");
    await says(viewer, "Nobody publishes early now");
    const publisher = await open("/?publish=early");
    await publisher.click("#publish-button");
    await says(viewer, "Watching early");
    await expect.poll(() => pace(viewer), { timeout: 10_000 }).toBeGreaterThan(0.5);
    await viewer.click("#watch-button");
    await says(viewer, "Idle");
    await publisher.click("#publish-button");
  });

  test.concurrent("on a phone nothing is wider than the screen", async () => {
    for (const path of ["/", "/?publish=demo"]) {
      const page = await open(path, { viewport: { width: 360, height: 740 }, isMobile: true });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    }
  });

  test.concurrent("where the browser gives no camera, the page says why and what to do", async () => {
    const context = await browser.newContext();
    await context.addInitScript(
      'Object.defineProperty(Navigator.prototype, "mediaDevices", { value: undefined })',
    );
    const page = await context.newPage();
    await page.goto(`${server.baseUrl}/?publish=demo`);
    expect(await page.textContent("#insecure")).toContain("Open http://localhost:");
    expect(await page.isDisabled("#publish-button")).toBe(true);
  });

  test.concurrent("where a token is needed the page shows the server's words and where to put it", async () => {
    const guarded = await startServer({ env: { KASKADO_WATCH_TOKEN: "a-secret-of-viewers" } });
    const page = await browser.newPage();
    await page.goto(`${guarded.baseUrl}/?watch=demo`);
    await page.waitForSelector('#problem:has-text("no bearer token was sent")');
    await page.fill("#stream-token", "a-secret-of-viewers");
    await page.click("#watch-button");
    await page.waitForSelector('#state:has-text("Nobody publishes demo now")');
    await page.close();
    await guarded.stop();
  });

  test("nothing failed on any page, and no file broke the policy", () => {
    expect(complaints).toEqual([]);
  });
});
