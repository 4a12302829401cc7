import { afterAll, beforeAll, expect, test } from "vitest";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { decodeClip, expectWhole } from "./received_clip.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

test("viewers come and go while the stream goes on for those who stay", async () => {
  const clip = { width: 640, height: 360, fps: 25, keyframeInterval: 25, bitrateBps: 1_000_000 };
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/talk`, seconds: 10 });
  const whepUrl = `${server.baseUrl}/whep/talk`;
  const stays = await watch({ whepUrl });
  for (let i = 0; i < 3; i++) {
    const guest = await watch({ whepUrl });
    await expect.poll(() => guest.video.accessUnits().length, { timeout: 5000 }).toBeGreaterThan(25);
    expectWhole(decodeClip(guest.video, guest.audio));
    await guest.close();
  }
  await publisher.finished;
  const received = decodeClip(stays.video, stays.audio);
  expectWhole(received);
  expect(received.counters.length).toBeGreaterThan(200);
  expect(stays.state()).toBe("connected");
  await stays.close();
});
