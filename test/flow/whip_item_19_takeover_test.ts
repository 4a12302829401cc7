import { afterAll, beforeAll, expect, test } from "vitest";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 8 };

async function publishers(): Promise<{ id: string }[]> {
  return (await (await fetch(`${server.baseUrl}/v1/sessions?kind=whip&stream=demo`)).json()).items;
}

test("item 19: a second publisher takes the stream over, and its viewer goes on without reconnecting", async () => {
  const whipUrl = `${server.baseUrl}/whip/demo`;
  const first = await publishByFfmpeg({ ...clip, whipUrl });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/demo` });
  const seen = () => viewer.video.accessUnits().length;
  await expect.poll(seen, { timeout: 5000 }).toBeGreaterThan(20);
  const [{ id }] = await publishers();

  const second = await publishByFfmpeg({ ...clip, whipUrl });
  const [only, ...others] = await publishers();
  expect(others).toEqual([]);
  expect(only.id).not.toBe(id);
  expect((await fetch(`${whipUrl}/${id}`)).status).toBe(404);

  const before = seen();
  await expect.poll(seen, { timeout: 5000 }).toBeGreaterThan(before + 50);
  expect(viewer.state()).toBe("connected");
  await viewer.close();
  await Promise.all([first.kill(), second.kill()]);
});
