import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from "vitest";
import {
  type BrowserSession,
  chromiumIsThere,
  launchChromium,
  openPage,
  pixelChange,
  publish,
  until,
  watch,
} from "../kit/chromium.ts";
import { type Coturn, coturnIsThere, startCoturn } from "../kit/coturn.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { continueUntil } from "../kit/until.ts";

interface Ways {
  configuration?: {
    iceServers?: { urls: string; username: string; credential: string }[];
    iceTransportPolicy?: "all" | "relay";
  };
  /** Pattern of the server's candidates that the page may use. */
  remote?: string;
  hidePorts?: boolean;
}

const camera = { codec: "VP8", width: 320, height: 180, frameRate: 30, maxBitrateBps: 400_000 } as const;

vi.setConfig({ maxConcurrency: 3 });

const ways = chromiumIsThere() && coturnIsThere() ? describe.concurrent : describe.skip;
ways("media between Chromium and the server", () => {
  let browser: Browser;
  let coturn: Coturn;
  beforeAll(async () => {
    [browser, coturn] = await Promise.all([launchChromium(), startCoturn()]);
  });
  afterAll(async () => {
    await browser?.close();
    await coturn?.close();
  });

  /** A server of the test's own. */
  async function start(
    { onTestFinished }: TestContext,
    env: Record<string, string> = {},
  ): Promise<TestServer> {
    const server = await startServer({ env });
    onTestFinished(() => server.stop());
    return server;
  }

  async function open({ baseUrl }: TestServer, ways: Ways): Promise<Page> {
    const page = await openPage(browser, `${baseUrl}/readyz`, ["./ice_page.js"]);
    await page.evaluate(`iceWays.set(${JSON.stringify(ways)})`);
    return page;
  }

  const pairOf = (page: Page) => page.evaluate("iceWays.pair(0)");

  async function expectPictures(viewer: BrowserSession): Promise<void> {
    const first = await until(viewer, "decoded pictures", (s) => s.framesDecoded > 15);
    await continueUntil("pictures that move", async () => await pixelChange(viewer, 500) > 0.5);
    await until(viewer, "more of them", (s) => s.framesDecoded > first.framesDecoded + 30);
  }

  /** One page publishes and another watches, both by `ways`; gives the pairs that they use. */
  async function publishAndWatch(server: TestServer, stream: string, ways: Ways) {
    const pages = [await open(server, ways), await open(server, ways)];
    const whipUrl = `${server.baseUrl}/whip/${stream}`;
    const publisher = await publish(pages[0], { ...camera, whipUrl, audio: true, source: "camera" });
    await until(publisher, "the publisher's connection", (s) => s.connectionState === "connected");
    const viewer = await watch(pages[1], { whepUrl: `${server.baseUrl}/whep/${stream}` });
    await expectPictures(viewer);
    const pairs = [await pairOf(pages[0]), await pairOf(pages[1])];
    expect([await viewer.close(), await publisher.close()]).toEqual([200, 200]);
    for (const page of pages) await page.context().close();
    return pairs;
  }

  test("flows by the browser's TURN server where it may use nothing else", async (context) => {
    const server = await start(context);
    const configuration = { iceServers: [coturn.iceServer], iceTransportPolicy: "relay" as const };
    const pair = { local: "relay/udp", remote: "host/udp" };
    expect(await publishAndWatch(server, "theirs", { configuration })).toEqual([pair, pair]);
  });

  test.for(["udp", "tcp", "tls"] as const)(
    "flows by the server's own relay over %s where the server cannot be reached otherwise",
    async (transport, context) => {
      const server = await start(context, { KASKADO_TURN_URL: coturn.url(transport) });
      const pairs = await publishAndWatch(server, "ours", { remote: "typ relay", hidePorts: true });
      expect(pairs).toMatchObject([{ remote: "relay/udp" }, { remote: "relay/udp" }]);
    },
  );

  test("flows over TCP where UDP does not get through", async (context) => {
    const server = await start(context);
    const pairs = await publishAndWatch(server, "tcp", { remote: " tcp ", hidePorts: true });
    expect(pairs).toMatchObject([{ remote: "host/tcp" }, { remote: "host/tcp" }]);
  });
});
