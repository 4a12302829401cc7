import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { publish } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { readRecording } from "../kit/recorded_file.ts";

const fps = 25;
const frameMs = 1000 / fps;
const size = { width: 320, height: 192 };
const clip = {
  video: encodeVideoClip({ ...size, fps, frameCount: 10 * fps, keyframeInterval: fps, bitrateBps: 300_000 }),
  audio: encodeAudioClip(10 * 50),
};

let media: MediaServer;
beforeAll(async () => void (media = await startMediaServer()));
afterAll(() => media?.stop());

test("the first thing that a new server records takes as long as it took, picture by picture", async () => {
  const ids = await media.make(
    [
      { type: "WebRtcEndpoint", name: "source" },
      { type: "RecorderEndpoint", name: "recorder", options: { uri: "first.mkv", mediaProfile: "MKV" } },
    ],
    [{ source: "source", sink: "recorder" }],
  );
  // It records from the first packet on, before the publisher has told its clock.
  await media.call(ids.recorder, "record");
  const publisher = await publish({
    whipUrl: `${media.server.baseUrl}/v1/elements/${ids.source}/whip`,
    ...clip,
  });
  const path = `${media.mediaDir}/first.mkv`;
  const recordedMs = async () => (await media.rest.get("/v1/recordings")).body.items[0]?.durationMs ?? 0;
  await expect.poll(recordedMs, { timeout: 15_000, interval: 100 }).toBeGreaterThan(4000);
  await media.call(ids.recorder, "stopAndWait");
  await publisher.close();
  const { pictures } = await readRecording(path);
  expect(pictures.length).toBeGreaterThan(3.5 * fps);
  const spanMs = pictures.at(-1)!.atMs - pictures[0].atMs;
  expect(Math.abs(spanMs - (pictures.at(-1)!.counter! - pictures[0].counter!) * frameMs)).toBeLessThan(
    frameMs,
  );
  const steps = pictures.slice(1).map(({ atMs }, index) => atMs - pictures[index].atMs);
  expect(Math.max(...steps)).toBeLessThan(1.5 * frameMs);
  expect(Math.min(...steps)).toBeGreaterThan(0.5 * frameMs);
});
