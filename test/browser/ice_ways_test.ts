import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

describe.skipIf(!chromiumIsThere() || !coturnIsThere())("media between Chromium and the server", () => {
  let browser: Browser;
  let coturn: Coturn;
  let server: TestServer | null = null;
  beforeAll(async () => {
    [browser, coturn] = await Promise.all([launchChromium(), startCoturn()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await coturn?.close();
  });

  async function restart(env: Record<string, string> = {}): Promise<TestServer> {
    await server?.stop();
    return server = await startServer({ env });
  }

  async function open(ways: Ways): Promise<Page> {
    const page = await openPage(browser, `${server!.baseUrl}/readyz`, ["./ice_page.js"]);
    await page.evaluate(`iceWays.set(${JSON.stringify(ways)})`);
    return page;
  }

  const pairOf = (page: Page) => page.evaluate("iceWays.pair(0)");

  async function expectPictures(viewer: BrowserSession): Promise<void> {
    const first = await until(viewer, "decoded pictures", (s) => s.framesDecoded > 15);
    expect(await pixelChange(viewer, 500)).toBeGreaterThan(0.5);
    await until(viewer, "more of them", (s) => s.framesDecoded > first.framesDecoded + 30);
  }

  /** One page publishes and another watches, both by `ways`; gives the pairs that they use. */
  async function publishAndWatch(stream: string, ways: Ways) {
    const pages = [await open(ways), await open(ways)];
    const whipUrl = `${server!.baseUrl}/whip/${stream}`;
    const publisher = await publish(pages[0], { ...camera, whipUrl, audio: true, source: "camera" });
    await until(publisher, "the publisher's connection", (s) => s.connectionState === "connected");
    const viewer = await watch(pages[1], { whepUrl: `${server!.baseUrl}/whep/${stream}` });
    await expectPictures(viewer);
    const pairs = [await pairOf(pages[0]), await pairOf(pages[1])];
    expect([await viewer.close(), await publisher.close()]).toEqual([200, 200]);
    for (const page of pages) await page.context().close();
    return pairs;
  }

  test("flows by the browser's TURN server where it may use nothing else", async () => {
    await restart();
    const configuration = { iceServers: [coturn.iceServer], iceTransportPolicy: "relay" as const };
    const pair = { local: "relay/udp", remote: "host/udp" };
    expect(await publishAndWatch("theirs", { configuration })).toEqual([pair, pair]);
  });

  test.each(["udp", "tcp", "tls"] as const)(
    "flows by the server's own relay over %s where the server cannot be reached otherwise",
    async (transport) => {
      await restart({ KASKADO_TURN_URL: coturn.url(transport) });
      const pairs = await publishAndWatch("ours", { remote: "typ relay", hidePorts: true });
      expect(pairs).toMatchObject([{ remote: "relay/udp" }, { remote: "relay/udp" }]);
    },
  );

  test("flows over TCP where UDP does not get through", async () => {
    await restart();
    const pairs = await publishAndWatch("tcp", { remote: " tcp ", hidePorts: true });
    expect(pairs).toMatchObject([{ remote: "host/tcp" }, { remote: "host/tcp" }]);
  });
});
