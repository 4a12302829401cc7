import { afterAll, beforeAll, expect, test } from "vitest";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { restClient } from "../kit/rest_client.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let bare: TestServer;
beforeAll(async () => {
  server = await startServer();
  bare = await startServer({ env: { KASKADO_FRAME_WORKERS: "0" } });
});
afterAll(async () => {
  await server?.stop();
  await bare?.stop();
});

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 20 };
const watchOf = (codec: string[]) =>
  sdpOffer({
    sections: [{ kind: "audio", direction: "recvonly" }, { kind: "video", direction: "recvonly", codec }],
  });
const vp8 = ["a=rtpmap:96 VP8/90000"];
const h264 = (mode: number) => [
  "a=rtpmap:97 H264/90000",
  `a=fmtp:97 packetization-mode=${mode};profile-level-id=42e01f;level-asymmetry-allowed=1`,
];

/** A stream of H264 on this server, and what a viewer with these codecs is answered once it flows. */
async function publishOn({ baseUrl }: TestServer) {
  const rest = restClient(baseUrl);
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${baseUrl}/whip/demo` });
  // Its first keyframe tells what it publishes.
  const { body: { items: [{ elementId, pipelineId }] } } = await rest.get("/v1/sessions?kind=whip");
  const flows = async () =>
    (await rest.post(`/v1/elements/${elementId}/isMediaFlowingOut`, { mediaType: "VIDEO" })).body.result;
  await expect.poll(flows, { timeout: 5000 }).toBe(true);
  const post = (codec: string[]) =>
    rest.post("/whep/demo", watchOf(codec), { "content-type": "application/sdp" });
  const elementCount = async () => (await rest.get(`/v1/pipelines/${pipelineId}`)).body.elements.length;
  return { publisher, post, elementCount };
}

test("a viewer that takes nothing that flows or can be encoded is told so, and leaves nothing", async () => {
  const { publisher, post, elementCount } = await publishOn(server);
  const refused = await post(h264(0));
  expect([refused.status, refused.body.code]).toEqual([422, "codec_mismatch"]);
  expect(refused.body.detail).toMatch(/H264\/1.* that flows, offer that codec or one of VP8, /);
  expect(await elementCount()).toBe(1);
  expect((await post(vp8)).status).toBe(201);
  expect((await post(h264(1))).status).toBe(201);
  await publisher.kill();
});

test("without frame workers, so is one that does not take what flows", async () => {
  const { publisher, post, elementCount } = await publishOn(bare);
  const refused = await post(vp8);
  expect([refused.status, refused.body.code]).toEqual([422, "codec_mismatch"]);
  expect(refused.body.detail).toMatch(/H264/);
  expect(await elementCount()).toBe(1);
  expect((await post(h264(1))).status).toBe(201);
  await publisher.kill();
});
