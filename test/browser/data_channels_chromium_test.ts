import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataChannelWish, PeerOptions } from "../../src/peer/mod.ts";
import { chromiumIsThere, launchChromium } from "../kit/chromium.ts";
import { type LoopbackPeer, openLoopback, publisher } from "../kit/loopback_peer.ts";

const withData: PeerOptions = { ...publisher, data: true };
const wish: DataChannelWish = {
  label: "ours",
  ordered: true,
  maxPacketLifeTimeMs: null,
  maxRetransmits: null,
  protocol: "",
};
const script = new URL("../kit/data_page.js", import.meta.url).pathname;

/** Calls a function of test/kit/data_page.js. */
function call<T>(page: Page, name: string, ...values: unknown[]): Promise<T> {
  return page.evaluate(`dataPage.${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500 && !(await condition()); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await condition()).toBe(true);
}

describe.skipIf(!chromiumIsThere())("data channels with Chromium", () => {
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

  async function connect(...labels: string[]): Promise<{ page: Page; ours: LoopbackPeer }> {
    const page = await openPage();
    const ours = await openLoopback(withData);
    const offer = await call<string>(page, "makeOffer", labels.map((label) => ({ label })));
    await call(page, "takeAnswer", ours.peer.processOffer(offer));
    await until(() => ours.channels.length === labels.length);
    return { page, ours };
  }

  test("text and bytes up to 256 KiB come back to it unchanged over two channels", async () => {
    const { page, ours } = await connect("chat", "bulk");
    ours.onData = (channelId, payload) => expect(ours.peer.sendData(channelId, payload)).toBe(true);
    await call(page, "sendText", "chat", "grüß dich");
    await call(page, "sendText", "chat", "");
    const small = await call(page, "sendBytes", "chat", 1);
    const large = await call(page, "sendBytes", "bulk", 262_144);
    await until(async () => (await call<unknown[]>(page, "heard")).length === 4);
    const heard = await call<{ label: string }[]>(page, "heard");
    expect(heard.filter((h) => h.label === "chat")).toEqual([
      { label: "chat", text: "grüß dich" },
      { label: "chat", text: "" },
      small,
    ]);
    expect(heard.filter((h) => h.label === "bulk")).toEqual([large]);
    await page.close();
    await ours.close();
  });

  test("a channel of ours has there what we asked for, and closes there when we close it", async () => {
    const { page, ours } = await connect("theirs");
    const id = ours.peer.createDataChannel({ ...wish, ordered: false, maxRetransmits: 2, protocol: "p" });
    await until(async () => (await call<string[]>(page, "states")).includes("ours open"));
    expect(await call(page, "settings", "ours")).toEqual({
      ordered: false,
      maxRetransmits: 2,
      maxPacketLifeTime: null,
      protocol: "p",
      id,
    });
    await until(() => ours.channels.some((c) => c.label === "ours" && c.state === "open"));
    expect(ours.peer.sendData(id, "farewell")).toBe(true);
    ours.peer.closeDataChannel(id);
    await until(async () => (await call<string[]>(page, "states")).includes("ours closed"));
    expect(await call(page, "heard")).toEqual([{ label: "ours", text: "farewell" }]);
    await until(() => ours.channels.at(-1)?.state === "closed");
    expect(ours.peer.dataChannels.map((c) => c.label)).toEqual(["theirs"]);
    await page.close();
    await ours.close();
  });

  test("its closing of a channel closes it here, and the id serves again", async () => {
    const { page, ours } = await connect("first", "second");
    await call(page, "close", "first");
    await until(() => ours.channels.length === 3);
    expect(ours.channels[2]).toMatchObject({ label: "first", state: "closed" });
    await until(async () => (await call<string[]>(page, "states")).includes("first closed"));
    for (let i = 0; i < 3; i++) {
      const id = ours.peer.createDataChannel({ ...wish, label: `round ${i}` });
      expect(id).toBe(1 - ours.channels[0].channelId % 2);
      await until(() => ours.channels.at(-1)?.label === `round ${i}`);
      ours.peer.sendData(id, `${i}`);
      ours.peer.closeDataChannel(id);
      await until(() => ours.channels.at(-1)?.state === "closed");
    }
    expect((await call<{ text: string }[]>(page, "heard")).map((h) => h.text)).toEqual(["0", "1", "2"]);
    await page.close();
    await ours.close();
  });

  test("its leaving closes the channels here", async () => {
    const { page, ours } = await connect("chat");
    await call(page, "closeAll");
    await until(() => ours.channels.at(-1)?.state === "closed");
    expect(await ours.hasEnded).toBe("dtlsClosed");
    await page.close();
    await ours.close();
  });

  test("an offer of ours with audio, video and data is answered, and our leaving closes its channel", async () => {
    const page = await openPage();
    const ours = await openLoopback(withData);
    const offer = ours.peer.generateOffer({ audio: true, video: true });
    expect(offer).toContain("a=group:BUNDLE 0 1 2\r\n");
    ours.peer.processAnswer(await call<string>(page, "answer", offer));
    await ours.keysCame;
    await until(() => createsOnce(ours));
    await until(async () => (await call<string[]>(page, "states")).includes("ours open"));
    ours.peer.close();
    await until(async () => (await call<string[]>(page, "states")).includes("ours closed"));
    await page.close();
    await ours.close();
  });
});

/** True once a channel of ours could be made. */
function createsOnce(ours: LoopbackPeer): boolean {
  if (ours.peer.dataChannels.length > 0) return true;
  try {
    ours.peer.createDataChannel(wish);
    return true;
  } catch {
    return false;
  }
}
