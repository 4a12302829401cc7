import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { publish, watch } from "../kit/libdatachannel.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { decodeClip, expectWhole } from "./received_clip.ts";

const clip = {
  video: encodeVideoClip({
    width: 640,
    height: 360,
    fps: 25,
    frameCount: 200,
    keyframeInterval: 50,
    bitrateBps: 1_000_000,
  }),
  audio: encodeAudioClip(400),
};

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

test("what an OBS-like publisher sends arrives whole at two viewers, one of them late", async () => {
  const publisher = await publish({ whipUrl: `${server.baseUrl}/whip/obs`, ...clip });
  const whepUrl = `${server.baseUrl}/whep/obs`;
  const early = await watch({ whepUrl });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const late = await watch({ whepUrl });
  await publisher.finished;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const lastCounters = [early, late].map((viewer) => decodeClip(viewer.video, viewer.audio).counters.at(-1));
  expect([publisher.state(), early.state(), late.state(), ...lastCounters], server.log()).toEqual(
    ["connected", "connected", "connected", 199, 199],
  );
  for (const viewer of [early, late]) {
    const received = decodeClip(viewer.video, viewer.audio);
    expectWhole(received);
    expect(viewer.video.lostCount + viewer.audio.lostCount).toBe(0);
    expect(viewer.video.ssrcs.length).toBe(1);
  }
  expect(decodeClip(early.video, early.audio).counters.length).toBeGreaterThan(140);
  await Promise.all([early.close(), late.close()]);
  await publisher.close();
});
