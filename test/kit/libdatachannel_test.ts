import { afterAll, expect, test } from "vitest";
import { readFrameCounter } from "./clip.ts";
import { decodeVideo, encodeAudioClip, encodeVideoClip } from "./ffmpeg.ts";
import { publish, watch } from "./libdatachannel.ts";
import { openEndpoint } from "./whip_on_libdatachannel.ts";

const size = { width: 320, height: 240 };
const clip = {
  video: encodeVideoClip({ ...size, fps: 25, frameCount: 50, keyframeInterval: 25, bitrateBps: 500_000 }),
  audio: encodeAudioClip(100),
};
const endpoint = openEndpoint(clip);
afterAll(() => endpoint.close());

const countersOf = (units: { bytes: Uint8Array }[]) =>
  decodeVideo(units.map((unit) => unit.bytes), "H264").map((picture) =>
    readFrameCounter(picture.pixels, picture)
  );

test("a publisher offers like OBS and every picture and sound arrives", async () => {
  const publisher = await publish({ whipUrl: endpoint.whipUrl, ...clip });
  expect(endpoint.offers.at(-1)).not.toContain("a=candidate");
  expect(endpoint.offers.at(-1)).toContain("a=sendonly");
  await publisher.finished;
  await expect.poll(() => countersOf(endpoint.video.accessUnits())).toEqual([...clip.video.keys()]);
  expect(endpoint.audio.accessUnits().length).toBeGreaterThan(95);
  expect(publisher.state()).toBe("connected");
  await publisher.close();
});

test("a viewer receives every picture and sound", async () => {
  const viewer = await watch({ whepUrl: endpoint.whepUrl });
  await expect.poll(() => countersOf(viewer.video.accessUnits()), { timeout: 5000 }).toEqual([
    ...clip.video.keys(),
  ]);
  expect(viewer.audio.accessUnits().length).toBeGreaterThan(95);
  expect(viewer.video.lostCount).toBe(0);
  await viewer.close();
});
