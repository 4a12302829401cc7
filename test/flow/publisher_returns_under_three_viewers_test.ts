import { afterAll, beforeAll, expect, test } from "vitest";
import { continuityOf, framesOf, unbroken, widthsOf } from "../kit/continuity.ts";
import { type LibdatachannelViewer, watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = (width: number) => ({
  whipUrl: `${server.baseUrl}/whip/demo`,
  width,
  height: 180,
  fps: 25,
  keyframeInterval: 25,
  bitrateBps: 400_000,
  seconds: 40,
});

/** Until each viewer has `count` frames more than now. */
async function allSee(viewers: LibdatachannelViewer[], count: number): Promise<void> {
  const goals = viewers.map((viewer) => framesOf(viewer) + count);
  const behind = () => viewers.filter((viewer, index) => framesOf(viewer) < goals[index]).length;
  await expect.poll(behind, { timeout: 10_000, interval: 200 }).toBe(0);
}

test("a publisher is killed and comes back, another takes over, and three viewers just go on", async () => {
  const first = await publishByFfmpeg(clip(320));
  const whepUrl = `${server.baseUrl}/whep/demo`;
  const viewers = await Promise.all([1, 2, 3].map(() => watch({ whepUrl })));
  await allSee(viewers, 25);

  await first.kill();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const back = await publishByFfmpeg(clip(480));
  await allSee(viewers, 40);

  const other = await publishByFfmpeg(clip(640));
  await allSee(viewers, 40);

  for (const viewer of viewers) {
    expect(viewer.state()).toBe("connected");
    expect(continuityOf(viewer.video)).toEqual(unbroken);
    expect(continuityOf(viewer.audio)).toEqual(unbroken);
    const widths = widthsOf(viewer);
    expect([...new Set(widths)]).toEqual([320, 480, 640]);
    expect(widths.length).toBeGreaterThan(100);
    await viewer.close();
  }
  await Promise.all([back.kill(), other.kill()]);
});
