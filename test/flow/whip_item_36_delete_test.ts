import { afterAll, beforeAll, expect, test } from "vitest";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 10 };

async function elementsOf(stream: string): Promise<{ sessionId: string | null }[]> {
  const { items } = await (await fetch(`${server.baseUrl}/v1/pipelines?name=${stream}`)).json();
  return (await (await fetch(`${server.baseUrl}/v1/pipelines/${items[0].id}/elements`)).json()).items;
}

test("item 36: DELETE of a viewer says goodbye by DTLS, frees its element, and a second one is 404", async () => {
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/demo` });
  await expect.poll(() => viewer.video.accessUnits().length, { timeout: 5000 }).toBeGreaterThan(10);
  expect(await elementsOf("demo")).toHaveLength(2);

  expect((await fetch(viewer.location, { method: "DELETE", headers: { "If-Match": '"stale"' } })).status)
    .toBe(200);
  // Consent would take 30 s to expire: only close_notify is this fast.
  await expect.poll(() => viewer.state(), { timeout: 2000 }).toMatch(/^(closed|disconnected|failed)$/);
  const received = viewer.video.accessUnits().length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(viewer.video.accessUnits().length).toBe(received);
  expect((await elementsOf("demo")).map((element) => element.sessionId)).toEqual([null]);
  expect((await fetch(viewer.location, { method: "DELETE" })).status).toBe(404);
  expect((await fetch(viewer.location)).status).toBe(404);
  await publisher.kill();
});
