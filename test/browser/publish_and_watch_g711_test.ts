import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumIsThere, launchChromium, openPage } from "../kit/chromium.ts";
import { startServer, type TestServer } from "../kit/server.ts";

/** What the page sees of the watched sound. */
interface Heard {
  statuses: number[];
  codec: string;
  energy: number;
  packets: number;
}

describe.skipIf(!chromiumIsThere())("Chromium publishes G.711 and listens", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test.each(["PCMU", "PCMA"])("%s is heard", async (codec) => {
    const page = await openPage(browser, `${server.baseUrl}/readyz`);
    expect(await hear(page, codec)).toMatchObject({
      statuses: [201, 201],
      codec: `audio/${codec}`,
      energy: expect.toSatisfy((energy: number) => energy > 0),
      packets: expect.toSatisfy((packets: number) => packets > 50),
    });
  });
});

/** Publishes the fake microphone in one codec, watches it in the same page for two seconds, and ends both. */
async function hear(page: Page, codec: string): Promise<Heard> {
  return await page.evaluate(`(${listen})(${JSON.stringify(codec)})`);
}

// As text, because the test runner rewrites functions in ways that a page does not understand.
const listen = String.raw`async (codec) => {
  const plain = { echoCancellation: false, autoGainControl: false, noiseSuppression: false };
  const media = await navigator.mediaDevices.getUserMedia({ audio: plain });
  const post = async (url, connection) => {
    await connection.setLocalDescription(await connection.createOffer());
    const headers = { "content-type": "application/sdp" };
    const response = await fetch(url, { method: "POST", headers, body: connection.localDescription.sdp });
    const sdp = await response.text();
    if (response.status === 201) await connection.setRemoteDescription({ type: "answer", sdp });
    return response;
  };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const publisher = new RTCPeerConnection();
  const sending = publisher.addTransceiver(media.getAudioTracks()[0], { direction: "sendonly" });
  const { codecs } = RTCRtpSender.getCapabilities("audio");
  sending.setCodecPreferences(codecs.filter((each) => each.mimeType === "audio/" + codec));
  const published = await post("/whip/" + codec, publisher);
  await pause(1000);
  const viewer = new RTCPeerConnection();
  viewer.addTransceiver("audio", { direction: "recvonly" });
  viewer.ontrack = ({ track }) => {
    const sound = new Audio();
    sound.srcObject = new MediaStream([track]);
    sound.play();
  };
  const watched = await post("/whep/" + codec, viewer);
  await pause(2000);
  const heard = { statuses: [published.status, watched.status], codec: "", energy: 0, packets: 0 };
  for (const stats of (await viewer.getStats()).values()) {
    if (stats.type === "codec") heard.codec = stats.mimeType;
    if (stats.type !== "inbound-rtp") continue;
    heard.energy = stats.totalAudioEnergy;
    heard.packets = stats.packetsReceived;
  }
  publisher.close();
  viewer.close();
  for (const { headers } of [published, watched]) await fetch(headers.get("Location"), { method: "DELETE" });
  return heard;
}`;
