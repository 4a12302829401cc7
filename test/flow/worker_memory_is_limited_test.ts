import { afterAll, beforeAll, expect, test } from "vitest";
import { makeClipFile, plainH264, reorderedH264 } from "../kit/clip_file.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";

let media: MediaServer;
beforeAll(async () => {
  media = await startMediaServer({ env: { KASKADO_FRAME_MEMORY_MB: "140" } });
  const clip = { fps: 10, audio: null };
  await makeClipFile(`${media.mediaDir}/small.mp4`, {
    ...{ ...clip, width: 192, height: 96, frameCount: 80 },
    video: [...plainH264, "-profile:v", "baseline"],
  });
  const large = { ...clip, width: 2560, height: 1440, frameCount: 20 };
  await makeClipFile(`${media.mediaDir}/large.mp4`, { ...large, video: reorderedH264 });
});
afterAll(() => media?.stop());

test("a worker that takes more memory than it may is ended and said so, and another pipeline's goes on", async () => {
  const player = (uri: string, options: object = {}) => ({
    type: "PlayerEndpoint",
    name: "player",
    options: { uri, ...options },
  });
  const [small, large] = [
    await media.make([player("small.mp4")]),
    await media.make([player("large.mp4", { loop: true })]),
  ];
  await media.call(small.player, "play");
  await media.call(large.player, "play");
  expect(await media.event(large.player, "Error")).toMatchObject({
    type: "UNEXPECTED_ELEMENT_ERROR",
    description: expect.stringMatching(/used \d+ MB of memory vs 140 MB allowed/),
  });
  await media.call(large.player, "stop");
  await media.event(small.player, "EndOfStream");
  expect(media.heard(small.player, "Error")).toEqual([]);
});
