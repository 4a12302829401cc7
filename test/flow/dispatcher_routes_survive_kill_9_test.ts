import { afterAll, beforeAll, expect, test } from "vitest";
import { framesOf, widthsOf } from "../kit/continuity.ts";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 30 };

test("two ports that are routed crosswise are so again after kill -9 and a restart", async () => {
  const rest = restClient(server.baseUrl);
  const { body: call } = await rest.post("/v1/pipelines", {
    elements: [
      { type: "Dispatcher", name: "hub" },
      { type: "WebRtcEndpoint", name: "left" },
      { type: "WebRtcEndpoint", name: "right" },
      ...["a", "b"].map((name) => ({ type: "HubPort", name, options: { hub: "hub" } })),
    ],
    connections: [{ source: "left", sink: "a" }, { source: "right", sink: "b" }],
  });
  const [hub, left, right, a, b] = call.elements.map(({ id }: { id: string }) => id);
  const connect = (source: string, sink: string) =>
    rest.post(`/v1/elements/${hub}/connect`, { source, sink });
  expect((await connect(a, b)).status).toBe(200);
  expect((await connect(b, a)).status).toBe(200);
  const refused = await connect(left, a);
  expect([refused.status, refused.body.code]).toEqual([422, "hub_route_refused"]);

  await server.kill();
  await server.restart();

  const at = (id: string, door: string) => `${server.baseUrl}/v1/elements/${id}/${door}`;
  const publishers = await Promise.all(
    [[left, 320], [right, 480]].map(([id, width]) =>
      publishByFfmpeg({ ...clip, width, whipUrl: at(id, "whip") })
    ),
  );
  for (const [port, width] of [[a, 480], [b, 320]]) {
    const viewer = await watch({ whepUrl: at(port, "whep") });
    await expect.poll(() => framesOf(viewer), { timeout: 10_000, interval: 200 }).toBeGreaterThan(30);
    expect(new Set(widthsOf(viewer))).toEqual(new Set([width]));
    await viewer.close();
  }
  await Promise.all(publishers.map((publisher) => publisher.kill()));
});
