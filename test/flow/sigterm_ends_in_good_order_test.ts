import { expect, test } from "vitest";
import { followEvents } from "../kit/event_follower.ts";
import { watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { startServer } from "../kit/server.ts";

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 30 };

test("SIGTERM: viewers are told, followers read the end of every session, and the exit code is 0", async () => {
  const server = await startServer();
  const publisher = await publishByFfmpeg({ ...clip, whipUrl: `${server.baseUrl}/whip/demo` });
  const viewer = await watch({ whepUrl: `${server.baseUrl}/whep/demo` });
  await expect.poll(() => viewer.video.packetCount, { timeout: 8000 }).toBeGreaterThan(20);
  const follower = await followEvents(`${server.baseUrl}/v1/events?type=SessionEnded`, 0);

  const startMs = performance.now();
  await server.stop();
  expect(performance.now() - startMs).toBeLessThan(5000);

  // Without close_notify it would take libdatachannel half a minute to notice.
  await expect.poll(() => viewer.state(), { timeout: 3000 }).toBe("closed");
  await follower.ended;
  expect(follower.events.map(({ data }) => data.data.reason)).toEqual(["closed", "closed"]);
  await publisher.kill();
});
