import { afterAll, beforeAll, expect, test } from "vitest";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { restClient } from "../kit/rest_client.ts";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 20 };
const watchOf = (codec: string[]) =>
  sdpOffer({
    sections: [{ kind: "audio", direction: "recvonly" }, { kind: "video", direction: "recvonly", codec }],
  });
const h264 = [
  "a=rtpmap:97 H264/90000",
  "a=fmtp:97 packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1",
];

test("a viewer that takes none of what is published is told so, and leaves nothing", async () => {
  const rest = restClient(server.baseUrl);
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  const post = (codec: string[]) =>
    rest.post("/whep/demo", watchOf(codec), { "content-type": "application/sdp" });
  // Its first keyframe tells what it publishes.
  const { body: { items: [{ elementId, pipelineId }] } } = await rest.get("/v1/sessions?kind=whip");
  const flows = async () =>
    (await rest.post(`/v1/elements/${elementId}/isMediaFlowingOut`, { mediaType: "VIDEO" })).body.result;
  await expect.poll(flows, { timeout: 5000 }).toBe(true);

  const refused = await post(["a=rtpmap:96 VP8/90000"]);
  expect([refused.status, refused.body.code]).toEqual([422, "codec_mismatch"]);
  expect(refused.body.detail).toMatch(/H264/);
  expect((await rest.get(`/v1/pipelines/${pipelineId}`)).body.elements).toHaveLength(1);

  expect((await post(h264)).status).toBe(201);
  await publisher.kill();
});
