import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeClip } from "../interop/received_clip.ts";
import { makeClipFile, plainH264, reorderedH264 } from "../kit/clip_file.ts";
import { watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { continueUntil } from "../kit/until.ts";

const COUNT = 20;
let media: MediaServer;
beforeAll(async () => {
  media = await startMediaServer();
  const clip = { width: 192, height: 96, fps: 10, frameCount: 600, audio: ["-c:a", "aac"] };
  await makeClipFile(`${media.mediaDir}/copied.mp4`, {
    ...clip,
    video: [...plainH264, "-profile:v", "baseline"],
  });
  await makeClipFile(`${media.mediaDir}/decoded.mp4`, { ...clip, video: reorderedH264 });
});
afterAll(() => media?.stop());

test(
  "twenty pipelines that start at once, each with a player and a viewer of another codec, all show pictures",
  async () => {
    const made = await Promise.all(Array.from({ length: COUNT }, (_, index) =>
      media.make([{
        type: "PlayerEndpoint",
        name: "player",
        options: { uri: index % 2 ? "copied.mp4" : "decoded.mp4" },
      }])));
    const viewers = await Promise.all(
      made.map(({ player }) =>
        watch({ whepUrl: `${media.server.baseUrl}/v1/elements/${player}/whep`, codec: "VP8" })
      ),
    );
    const startedMs = performance.now();
    await Promise.all(made.map(({ player }) => media.call(player, "play")));
    await continueUntil(
      "pictures at every viewer",
      () => viewers.every(({ video }) => video.markerCount > 5),
      60_000,
    );
    const firstMs = viewers.map(({ video }) => Math.round(video.firstPacketMs - startedMs)).toSorted((a, b) =>
      a - b
    );
    console.log(`first pictures of ${COUNT} pipelines after ${firstMs[0]} to ${firstMs.at(-1)} ms`);
    for (const [index, { player }] of made.entries()) {
      expect(media.heard(player, "Error")).toEqual([]);
      const { counters } = decodeClip(viewers[index].video, viewers[index].audio, "VP8");
      expect(counters.length).toBeGreaterThan(3);
      expect(counters).toEqual(counters.toSorted((a, b) => a! - b!));
    }
    await Promise.all(viewers.map((viewer) => viewer.close()));
    await Promise.all(made.map(({ pipeline }) => media.rest.delete(`/v1/pipelines/${pipeline}`)));
  },
  90_000,
);
