import { afterAll, beforeAll, expect, test } from "vitest";
import { continuityOf, framesOf, unbroken, widthsOf } from "../kit/continuity.ts";
import { type LibdatachannelViewer, watch } from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 400_000, seconds: 40 };

/** Until each viewer has `count` frames more than now. */
async function allSee(viewers: LibdatachannelViewer[], count: number): Promise<void> {
  const goals = viewers.map((viewer) => framesOf(viewer) + count);
  const behind = () => viewers.filter((viewer, index) => framesOf(viewer) < goals[index]).length;
  await expect.poll(behind, { timeout: 10_000, interval: 200 }).toBe(0);
}

test("all ports of a hub get its source's media, then another's, then none", async () => {
  const rest = restClient(server.baseUrl);
  const { body: studio } = await rest.post("/v1/pipelines", {
    name: "studio",
    elements: [
      { type: "DispatcherOneToMany", name: "hub" },
      { type: "WebRtcEndpoint", name: "left" },
      { type: "WebRtcEndpoint", name: "right" },
      ...["leftPort", "rightPort", "exit"].map((name) => ({
        type: "HubPort",
        name,
        options: { hub: "hub" },
      })),
    ],
    connections: [{ source: "left", sink: "leftPort" }, { source: "right", sink: "rightPort" }],
  });
  const [hub, left, right, leftPort, rightPort, exit] = studio.elements.map(({ id }: { id: string }) => id);
  const at = (id: string, door: string) => `${server.baseUrl}/v1/elements/${id}/${door}`;
  const a = await publishByFfmpeg({ ...clip, width: 320, whipUrl: at(left, "whip") });
  const b = await publishByFfmpeg({ ...clip, width: 480, whipUrl: at(right, "whip") });
  const setSource = async (source: string) => {
    expect((await rest.post(`/v1/elements/${hub}/setSource`, { source })).status).toBe(200);
  };

  await setSource(leftPort);
  // One behind a port that nothing enters, one behind the port of the first source itself.
  const viewers = await Promise.all([exit, leftPort].map((port) => watch({ whepUrl: at(port, "whep") })));
  await allSee(viewers, 40);
  await setSource(rightPort);
  await allSee(viewers, 50);

  expect((await rest.post(`/v1/elements/${hub}/removeSource`, {})).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const still = viewers.map(framesOf);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(viewers.map(framesOf)).toEqual(still);

  await setSource(leftPort);
  await allSee(viewers, 50);
  for (const viewer of viewers) {
    expect(continuityOf(viewer.video)).toEqual(unbroken);
    expect(continuityOf(viewer.audio)).toEqual(unbroken);
    const widths = widthsOf(viewer);
    expect(widths.filter((width, index) => width !== widths[index - 1])).toEqual([320, 480, 320]);
    expect(widths.length).toBeGreaterThan(100);
    await viewer.close();
  }
  await Promise.all([a.kill(), b.kill()]);
});
