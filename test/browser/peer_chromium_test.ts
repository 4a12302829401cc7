import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PeerOptions } from "../../src/peer/mod.ts";
import { chromiumIsThere, launchChromium } from "../kit/chromium.ts";
import { openLoopback, publisher } from "../kit/loopback_peer.ts";

const viewer: PeerOptions = { ...publisher, receive: false, send: true, whip: "whep" };

const script = new URL("../kit/peer_page.js", import.meta.url).pathname;

/** Calls a function of test/kit/peer_page.js. */
function call<T>(page: Page, name: string, ...values: string[]): Promise<T> {
  return page.evaluate(`peerPage.${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300 && !(await condition()); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await condition()).toBe(true);
}

describe.skipIf(!chromiumIsThere())("with Chromium", () => {
  let browser: Browser;
  let server: Deno.HttpServer<Deno.NetAddr>;
  beforeAll(async () => {
    browser = await launchChromium();
    const page = () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, page);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.shutdown();
  });

  async function openPage(): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await page.addScriptTag({ path: script });
    return page;
  }

  async function connect(kind: "camera" | "layers" | "watch", options: PeerOptions) {
    const page = await openPage();
    const ours = await openLoopback(options);
    const offer = await call<string>(page, "makeOffer", kind);
    const answer = ours.peer.processOffer(offer);
    await call(page, "takeAnswer", answer);
    const keys = await ours.keysCame;
    await until(async () => await call(page, "connectionState") === "connected");
    return { page, ours, offer, answer, keys };
  }

  test("a publisher's offer connects with AEAD_AES_128_GCM, we being the DTLS server", async () => {
    const { page, ours, answer, keys } = await connect("camera", { ...publisher, whip: "whip" });
    expect(keys.profile).toBe("AEAD_AES_128_GCM");
    expect(answer.length).toBeLessThan(8192);
    expect(ours.peer.media.map((m) => m.direction)).toEqual(["recvonly", "recvonly"]);
    await page.close();
    await ours.close();
  });

  test("a simulcast offer is accepted with all its layers", async () => {
    const { page, ours, answer } = await connect("layers", { ...publisher, whip: "whip" });
    expect(ours.peer.media[1].rids).toEqual(["a", "b", "c"]);
    expect(answer).toContain("a=simulcast:recv a;b;c\r\n");
    await page.close();
    await ours.close();
  });

  test("a viewer's offer connects and gets a stream announced", async () => {
    const { page, ours } = await connect("watch", viewer);
    expect(ours.peer.media.map((m) => m.direction)).toEqual(["sendonly", "sendonly"]);
    expect(await call(page, "trackStates")).toEqual(["live", "live"]);
    await page.close();
    await ours.close();
  });

  test("an offer of ours is answered by the browser", async () => {
    const page = await openPage();
    const ours = await openLoopback({ ...publisher, send: true });
    const answer = await call<string>(page, "answer", ours.peer.generateOffer({ audio: true, video: true }));
    ours.peer.processAnswer(answer);
    await ours.keysCame;
    await until(async () => await call(page, "connectionState") === "connected");
    await page.close();
    await ours.close();
  });

  test("restartIce is taken by a fragment and the connection stays", async () => {
    const { page, ours } = await connect("camera", { ...publisher, whip: "whip" });
    const selected = ours.selected.length;
    const before = ours.peer.localUfrag;
    const fragment = await call<string>(page, "restart");
    const result = ours.peer.processFragment(fragment);
    if (!result.restarted) throw new Error("The fragment restarted nothing");
    expect(ours.peer.localUfrag).not.toBe(before);
    const credentials = result.fragment.split("\r\n").filter((line) => /^a=ice-(ufrag|pwd)/.test(line));
    const answer = ours.peer.localDescription!
      .replace(/a=ice-ufrag:.*/g, credentials[0]).replace(/a=ice-pwd:.*/g, credentials[1]);
    await call(page, "takeAnswer", answer);
    await until(async () => await Promise.resolve(ours.selected.length > selected));
    expect(await call(page, "connectionState")).toBe("connected");
    expect(ours.ended).toEqual([]);
    await page.close();
    await ours.close();
  });

  test.each([["RSA", "RSA"], ["RSA", "ECDSA"], ["ECDSA", "RSA"]] as const)(
    "our certificate being %s and the browser's %s, it connects in every role",
    async (own, its) => {
      const options: PeerOptions = { ...publisher, send: true, certificateKeyType: own };
      for (const way of ["its offer", "its offer, we being the DTLS client", "our offer"]) {
        const page = await openPage();
        const ours = await openLoopback(options);
        await call(page, "useCertificate", its);
        if (way !== "our offer") {
          const offer = await call<string>(page, "makeOffer", "camera");
          const setup = way === "its offer" ? "actpass" : "passive";
          const answer = ours.peer.processOffer(offer.replaceAll("a=setup:actpass", `a=setup:${setup}`));
          expect(answer).toContain(setup === "passive" ? "a=setup:active" : "a=setup:passive");
          await call(page, "takeAnswer", answer);
        } else {
          const offer = ours.peer.generateOffer({ audio: true, video: true });
          ours.peer.processAnswer(await call<string>(page, "answer", offer));
        }
        await ours.keysCame;
        await until(async () => await call(page, "connectionState") === "connected");
        await page.close();
        await ours.close();
      }
    },
  );
});
