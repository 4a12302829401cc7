import { afterAll, beforeAll, expect, test } from "vitest";
import { followEvents } from "../kit/event_follower.ts";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { type RestClient, restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await startServer();
  rest = restClient(server.baseUrl);
});
afterAll(() => server?.stop());

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 30 };

/** Everything that is kept; what lives only as long as its session, or is computed, is left out. */
async function everything() {
  const { body: { items } } = await rest.get("/v1/pipelines");
  return await Promise.all(items.map(async ({ id }: { id: string }) => {
    const { version: _version, ...pipeline } = (await rest.get(`/v1/pipelines/${id}`)).body;
    const own = pipeline.elements.filter(({ sessionId }: { sessionId: string | null }) => sessionId === null);
    const ids = new Set(own.map(({ id }: { id: string }) => id));
    return {
      ...pipeline,
      elements: own.map(({ properties, ...element }: { properties: Record<string, unknown> }) => ({
        ...element,
        maxVideoRecvBandwidth: properties.maxVideoRecvBandwidth,
        sendTagsInEvents: properties.sendTagsInEvents,
      })),
      connections: pipeline.connections.filter(({ sink }: { sink: string }) => ids.has(sink)),
    };
  }));
}

async function build(): Promise<void> {
  const whole = await rest.post("/v1/pipelines", {
    name: "whole",
    tags: { room: "7", "odd key/~": "ümlaut" },
    elements: [
      {
        type: "WebRtcEndpoint",
        name: "in",
        options: { recvonly: true },
        properties: { maxVideoRecvBandwidth: 900 },
      },
      { type: "PassThrough", name: "output", tags: { kind: "switch" } },
    ],
    connections: [{ source: "in", sink: "output" }],
  });
  expect(whole.status).toBe(201);
  const { body: { id } } = await rest.post("/v1/pipelines", {});
  const element = async (body: object) => (await rest.post(`/v1/pipelines/${id}/elements`, body)).body.id;
  const a = await element({ type: "PassThrough", name: "a" });
  const b = await element({ type: "PassThrough" });
  await rest.post(`/v1/elements/${a}/connections`, { sink: b, media: "audio" });
  await rest.put(`/v1/elements/${a}/tags/colour`, { value: "red" });
  await rest.patch(`/v1/elements/${b}`, { name: "second", properties: { sendTagsInEvents: true } });
  await rest.patch(`/v1/pipelines/${id}`, { name: "step by step", tags: { x: "1" } });
}

test("kill -9 and a restart: everything is back under its id, and followers miss nothing", async () => {
  await build();
  const follower = await followEvents(`${server.baseUrl}/v1/events`, 0);
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/demo` });
  await expect.poll(() => viewer.video.accessUnits().length, { timeout: 8000 }).toBeGreaterThan(20);
  const { body: { items: sessions } } = await rest.get("/v1/sessions");
  const before = await everything();

  await server.kill();
  await follower.ended;
  await server.restart();

  expect(await everything()).toEqual(before);
  expect((await rest.get("/v1/sessions")).body.items).toEqual([]);

  const resumed = await followEvents(`${server.baseUrl}/v1/events`, follower.lastSeq);
  await expect.poll(() => resumed.events.filter(({ type }) => type === "SessionEnded").length).toBe(2);
  const all = [...follower.events, ...resumed.events];
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  const ended = resumed.events.filter(({ type }) => type === "SessionEnded");
  expect(new Set(ended.map(({ data }) => data.sessionId))).toEqual(
    new Set(sessions.map(({ id }: { id: string }) => id)),
  );
  expect(ended.map(({ data }) => data.data.reason)).toEqual(["serverRestart", "serverRestart"]);

  // FFmpeg may have ended by itself: nobody listened for a while.
  await publisher.kill().catch(() => {});
  const again = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  const { body: { items: [session] } } = await rest.get("/v1/sessions");
  const first = sessions.find(({ kind }: { kind: string }) => kind === "whip");
  expect([session.elementId, session.pipelineId]).toEqual([first.elementId, first.pipelineId]);
  const second = await watch({ whepUrl: `${server.baseUrl}/whep/demo` });
  await expect.poll(() => second.video.accessUnits().length, { timeout: 8000 }).toBeGreaterThan(10);
  await second.close();
  await viewer.close().catch(() => {});
  resumed.stop();
  await again.kill();
});
