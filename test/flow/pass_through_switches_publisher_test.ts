import { afterAll, beforeAll, expect, test } from "vitest";
import { continuityOf, framesOf, unbroken, widthsOf } from "../kit/continuity.ts";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 30 };

test("REST switches a fixed point from one publisher to another, and its viewer goes on", async () => {
  const rest = restClient(server.baseUrl);
  const { body: studio } = await rest.post("/v1/pipelines", {
    name: "studio",
    elements: [
      { type: "WebRtcEndpoint", name: "left" },
      { type: "WebRtcEndpoint", name: "right" },
      { type: "PassThrough", name: "output" },
    ],
    connections: [{ source: "left", sink: "output" }],
  });
  const [left, right, output] = studio.elements.map(({ id }: { id: string }) => id);
  const at = (id: string) => `${server.baseUrl}/v1/elements/${id}/whip`;
  const a = await publishByFfmpeg({ ...clip, width: 320, whipUrl: at(left) });
  const b = await publishByFfmpeg({ ...clip, width: 480, whipUrl: at(right) });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/studio` });
  const see = async (count: number) => {
    const goal = framesOf(viewer) + count;
    await expect.poll(() => framesOf(viewer), { timeout: 8000, interval: 200 }).toBeGreaterThanOrEqual(goal);
  };
  await see(30);
  for (const source of [right, left]) {
    expect((await rest.post(`/v1/elements/${source}/connections`, { sink: output })).status).toBe(201);
    await see(50);
  }
  expect(continuityOf(viewer.video)).toEqual(unbroken);
  expect(continuityOf(viewer.audio)).toEqual(unbroken);
  const widths = widthsOf(viewer);
  const runs = widths.filter((width, index) => width !== widths[index - 1]);
  expect(runs).toEqual([320, 480, 320]);
  const { body: flowing } = await rest.post(`/v1/elements/${output}/isMediaFlowingOut`, {
    mediaType: "VIDEO",
  });
  expect(flowing).toEqual({ result: true });
  await viewer.close();
  await Promise.all([a.kill(), b.kill()]);
});
