import { afterAll, beforeAll, expect, test } from "vitest";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let kill: () => Promise<void>;
beforeAll(async () => {
  server = await startServer({ env: { KASKADO_CONNECT_SECONDS: "2" } });
  const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 60 };
  ({ kill } = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` }));
});
afterAll(async () => {
  await kill?.();
  await server?.stop();
});

async function askForOffer(): Promise<{ location: string; validForMs: number; offer: string }> {
  const response = await fetch(`${server.baseUrl}/whep/demo`, { method: "POST" });
  expect(response.status).toBe(406);
  const [, date] = /valid-until="([^"]+)"/.exec(response.headers.get("Content-Type")!)!;
  const location = new URL(response.headers.get("Location")!, server.baseUrl).href;
  return { location, validForMs: Date.parse(date) - Date.now(), offer: await response.text() };
}

function answerTo(offer: string): string {
  const h264 = /a=rtpmap:(\d+) H264\/90000/.exec(offer)![1];
  return sdpOffer({
    setup: "active",
    sections: [{ kind: "audio", direction: "recvonly" }, {
      kind: "video",
      direction: "recvonly",
      codec: [`a=rtpmap:${h264} H264/90000`, `a=fmtp:${h264} profile-level-id=42e01f;packetization-mode=1`],
    }],
  });
}

async function patch(location: string, body: string): Promise<number> {
  const headers = { "Content-Type": "application/sdp" };
  const response = await fetch(location, { method: "PATCH", headers, body });
  await response.body?.cancel();
  return response.status;
}

const statusOf = async (url: string) => (await fetch(url)).status;
const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("item 39: a malformed answer is refused and may be mended, a late one taken, a second one is 422", async () => {
  const { location, offer } = await askForOffer();
  expect(await patch(location, "garbage")).toBe(400);
  // The time to connect starts with the answer.
  await delay(3000);
  expect(await patch(location, answerTo(offer))).toBe(204);
  expect(await patch(location, answerTo(offer))).toBe(422);
  await expect.poll(() => statusOf(location), { timeout: 6000 }).toBe(404);
});

test("item 39: an offer that nobody answers is gone when its time is over", async () => {
  const { location, validForMs } = await askForOffer();
  expect(Math.abs(validForMs - 30_000)).toBeLessThan(2000);
  await delay(validForMs - 2000);
  expect(await statusOf(location)).toBe(204);
  await expect.poll(() => statusOf(location), { timeout: 8000 }).toBe(404);
});
