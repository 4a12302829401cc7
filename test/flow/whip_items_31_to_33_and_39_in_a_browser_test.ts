import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumIsThere, launchChromium } from "../kit/chromium.ts";
import { startServer, type TestServer } from "../kit/server.ts";

/** What kit/whip_page.js tells of a restart. */
interface Restart {
  changed: boolean;
  status: number;
  type: string;
  etag: string;
  fragment: string;
  answer: string;
}
interface Figures {
  state: string;
  /** The user name fragment that the selected pair is checked with. */
  ufrag: string;
  framesDecoded: number;
}

describe.skipIf(!chromiumIsThere())(
  "a browser that restarts ICE, and one that watches by a counter-offer",
  () => {
    let server: TestServer;
    let browser: Browser;
    let publisher: Page;
    let viewer: Page;
    let firstEtag: string;
    let counterOffered: number[];

    beforeAll(async () => {
      server = await startServer({ env: { KASKADO_CONSENT_SECONDS: "8" } });
      browser = await launchChromium();
      publisher = await openPage();
      firstEtag = await run(publisher, `publish("${server.baseUrl}/whip/demo")`);
      viewer = await openPage();
      counterOffered = await run(viewer, `watchByCounterOffer("${server.baseUrl}/whep/demo")`);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
    });

    async function openPage(): Promise<Page> {
      const page = await (await browser.newContext()).newPage();
      await page.addInitScript({ path: new URL("../kit/whip_page.js", import.meta.url).pathname });
      await page.goto(server.baseUrl);
      return page;
    }

    function run<Result>(page: Page, call: string): Promise<Result> {
      return page.evaluate(`whip.${call}`) as Promise<Result>;
    }

    const figures = (page: Page) => run<Figures>(page, "figures()");

    /** The status of a PATCH of the publisher's session. */
    const patch = (ifMatch: string, fragment: string) =>
      run<number>(
        publisher,
        `patch(${JSON.stringify(ifMatch)}, ${JSON.stringify(fragment)}).then((r) => r.status)`,
      );

    /** The viewer decodes frames all the while, so the publisher's media reaches the server. */
    async function expectFlow(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        const before = (await figures(viewer)).framesDecoded;
        await new Promise((resolve) => setTimeout(resolve, 1000));
        expect((await figures(viewer)).framesDecoded - before).toBeGreaterThan(3);
      }
      expect((await figures(publisher)).state).toBe("connected");
    }

    test("item 39: our offer is given with 406, its answer taken with 204, and the picture comes", async () => {
      expect(counterOffered).toEqual([406, 204]);
      await expectFlow(2);
    });

    test("item 31: a restart gets 200, our credentials, candidates and a new ETag, and media moves over", async () => {
      const restart = await run<Restart>(publisher, "restart()");
      expect(restart).toMatchObject({ changed: true, status: 200, type: "application/trickle-ice-sdpfrag" });
      expect(restart.etag).toMatch(/^"[^"]+"$/);
      expect(restart.etag).not.toBe(firstEtag);
      expect(restart.fragment).toMatch(/^a=ice-ufrag:\S{4,}\r\n/m);
      expect(restart.fragment).toMatch(/^a=ice-pwd:\S{22,}\r\n/m);
      expect(restart.fragment).toMatch(
        new RegExp(`^a=candidate:.* 127\\.0\\.0\\.1 ${server.udpPort} typ host`, "m"),
      );
      const local = await run<string>(publisher, "pc.localDescription.sdp");
      const [, ufrag] = /a=ice-ufrag:(\S+)/.exec(local)!;
      await expect.poll(async () => (await figures(publisher)).ufrag, { timeout: 5000 }).toBe(ufrag);
      // Longer than the old pair's consent lasts.
      await expectFlow(10);
    });

    test("item 32: ice-options, ice-lite and ice-pacing of the fragment are those of the answer", async () => {
      const { answer, fragment } = await run<Restart>(publisher, "restart()");
      for (const line of ["a=ice-options:trickle", "a=ice-lite", "a=ice-pacing"]) {
        expect(fragment.includes(line)).toBe(answer.includes(line));
      }
      await expectFlow(1);
    });

    test("item 33: a restart that is refused leaves session and media as they are", async () => {
      const credentials = "a=ice-ufrag:abcdefgh\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n";
      expect(await patch("*", "a=ice-ufrag:xy\r\na=ice-pwd:short\r\n")).toBe(400);
      expect(await patch("*", "a=ice-ufrag:abcdefgh\r\n")).toBe(400);
      expect(await patch(firstEtag, credentials)).toBe(412);
      await expectFlow(2);
    });

    test("item 33: a restart that never gets through leaves the old ICE up", async () => {
      const unreachable =
        "a=ice-ufrag:abcdefgh\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\nm=audio 9 RTP/AVP 0\r\n" +
        "a=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n";
      expect(await patch("*", unreachable)).toBe(200);
      await expectFlow(10);
    });
  },
);
