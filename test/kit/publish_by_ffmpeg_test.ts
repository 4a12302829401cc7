import { afterAll, expect, test } from "vitest";
import { readFrameCounter } from "./clip.ts";
import { decodeVideo } from "./ffmpeg.ts";
import { publishByFfmpeg } from "./publish_by_ffmpeg.ts";
import { openEndpoint } from "./whip_on_libdatachannel.ts";

const endpoint = openEndpoint({ video: [], audio: [] });
afterAll(() => endpoint.close());

const clip = { width: 320, height: 240, fps: 25, keyframeInterval: 25, bitrateBps: 500_000 };

test("FFmpeg publishes the clip picture by picture", async () => {
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: endpoint.whipUrl, seconds: 3 });
  await publisher.finished;
  const units = endpoint.video.accessUnits().map((unit) => unit.bytes);
  const counters = decodeVideo(units, "H264").map((picture) => readFrameCounter(picture.pixels, picture));
  expect(counters).toEqual([...Array(75).keys()]);
  expect(endpoint.audio.accessUnits().length).toBeGreaterThan(140);
});

test("a refused offer fails with what FFmpeg says", async () => {
  await expect(
    publishByFfmpeg({ ...clip, whipUrl: `${endpoint.whipUrl}/none`.replace(/:\d+/, ":9"), seconds: 1 }),
  )
    .rejects.toThrow("Cannot publish by FFmpeg");
});
