import { afterAll, beforeAll, expect, test } from "vitest";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { decodeClip, expectWhole } from "./received_clip.ts";

const SECONDS = 70;
const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 50, bitrateBps: 500_000 };

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

/**
 * FFmpeg offers setup:passive, sends from its first SSRCs without header extensions and answers no ICE checks after
 * its handshake: a server that insists on consent would end it after 30 s.
 */
test.concurrent("FFmpeg's WHIP muxer stays up and every picture of it arrives", async () => {
  const publisher = await publishByFfmpeg({
    ...clip,
    whipUrl: `${server.baseUrl}/whip/film`,
    seconds: SECONDS,
  });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/film` });
  await publisher.finished;
  const received = decodeClip(viewer.video, viewer.audio);
  expectWhole(received);
  expect(received.counters.at(-1)).toBe(SECONDS * clip.fps - 1);
  expect(received.counters.length).toBeGreaterThan((SECONDS - 5) * clip.fps);
  expect(viewer.video.lostCount + viewer.audio.lostCount).toBe(0);
  expect(viewer.state()).toBe("connected");
  await viewer.close();
});

test.concurrent("FFmpeg as DTLS client is served as well", async () => {
  const publisher = await publishByFfmpeg({
    ...clip,
    whipUrl: `${server.baseUrl}/whip/active`,
    seconds: 5,
    muxerOptions: { whip_flags: "dtls_active" },
  });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/active` });
  await publisher.finished;
  const received = decodeClip(viewer.video, viewer.audio);
  expectWhole(received);
  expect(received.counters.length).toBeGreaterThan(50);
  await viewer.close();
});
