import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { publish, watch } from "../kit/libdatachannel.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { decodeClip, expectWhole } from "./received_clip.ts";

const size = { width: 640, height: 360 };
const video = { ...size, fps: 25, frameCount: 125, keyframeInterval: 50, bitrateBps: 1_000_000 };
const clip = { video: encodeVideoClip({ ...video, codec: "H265" }), audio: encodeAudioClip(250) };

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

test("H265 arrives whole, also at a viewer who comes in the middle of a group of pictures", async () => {
  const publisher = await publish({ whipUrl: `${server.baseUrl}/whip/hevc`, ...clip, codec: "H265" });
  const whepUrl = `${server.baseUrl}/whep/hevc`;
  const early = await watch({ whepUrl, codec: "H265" });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const late = await watch({ whepUrl, codec: "H265" });
  await publisher.finished;
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const viewer of [early, late]) {
    const received = decodeClip(viewer.video, viewer.audio, "H265");
    expectWhole(received);
    expect(received.counters.at(-1)).toBe(124);
    expect(viewer.video.lostCount + viewer.audio.lostCount).toBe(0);
  }
  await Promise.all([early.close(), late.close()]);
  await publisher.close();
});

test("a viewer who takes only H264 is refused with the reason where nothing may be transcoded", async () => {
  const passing = await startServer({ env: { KASKADO_FRAME_WORKERS: "0" } });
  try {
    const publisher = await publish({ whipUrl: `${passing.baseUrl}/whip/only`, ...clip, codec: "H265" });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await expect(watch({ whepUrl: `${passing.baseUrl}/whep/only` })).rejects.toThrow(/codec_mismatch|H265/);
    await publisher.close();
  } finally {
    await passing.stop();
  }
});
