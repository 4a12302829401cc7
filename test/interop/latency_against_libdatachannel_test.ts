import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeVideoClip } from "../kit/ffmpeg.ts";
import { type LibdatachannelViewer, publish, watch } from "../kit/libdatachannel.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { continueUntil } from "../kit/until.ts";

const fps = 25;
const frameMs = 1000 / fps;
/** Pictures that are sent to bring the media to flow, and then those that are measured. */
const [BEFORE, MEASURED] = [75, 50];
let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = {
  width: 640,
  height: 360,
  fps,
  frameCount: BEFORE + MEASURED,
  keyframeInterval: 25,
  bitrateBps: 1_000_000,
};
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const medianOf = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

interface Arrival {
  atMs: number;
  /** RTP time, 90 kHz. */
  timestamp: number;
}

/** When each picture came whole, by libdatachannel's own delivery. */
function arrivalsAt({ video }: LibdatachannelViewer): Arrival[] {
  const arrivals: Arrival[] = [];
  const take = video.take.bind(video);
  video.take = (datagram) => {
    const before = video.markerCount;
    take(datagram);
    const timestamp = new DataView(datagram.buffer, datagram.byteOffset).getUint32(4);
    if (video.markerCount > before) arrivals.push({ atMs: performance.now(), timestamp });
  };
  return arrivals;
}

/** How long each picture took; the first one after a pause is the first that was sent, an encoder may leave some out. */
function delaysOf(arrivals: Arrival[], sentMs: number[]): number[] {
  const [first] = arrivals;
  return arrivals.map(({ atMs, timestamp }) => {
    const number = Math.round(((timestamp - first.timestamp) >>> 0) / 90 / frameMs);
    return atMs - sentMs[number];
  });
}

test("the latency that is told is the one that libdatachannel sees from its publisher to its viewer, plain and transcoded", async () => {
  const rest = restClient(server.baseUrl);
  const units = encodeVideoClip(clip);
  const publisher = await publish({
    whipUrl: `${server.baseUrl}/whip/timed`,
    video: units.slice(0, BEFORE),
    audio: [],
  });
  const { body: { items: [{ pipelineId }] } } = await rest.get("/v1/sessions?kind=whip");
  await rest.patch(`/v1/pipelines/${pipelineId}`, { properties: { latencyStats: true } });
  const whepUrl = `${server.baseUrl}/whep/timed`;
  const viewers = [await watch({ whepUrl }), await watch({ whepUrl, codec: "VP8" })];
  const arrivals = viewers.map(arrivalsAt);
  await publisher.finished;
  await continueUntil("pictures at both viewers", () => viewers.every(({ video }) => video.markerCount > 10));
  await wait(500);

  const from = arrivals.map((each) => each.length);
  const sentMs: number[] = [];
  for (const unit of units.slice(BEFORE)) {
    sentMs.push(performance.now());
    publisher.sendVideo(unit);
    await wait(frameMs);
  }
  const { body: { items } } = await rest.get("/v1/sessions?kind=whep");
  const told: number[] = [];
  for (const { elementId } of items) {
    const { body } = await rest.get(`/v1/elements/${elementId}/stats`);
    told.push(body[`latency-video-${elementId}`].endToEndMs);
  }
  await wait(500);
  const seen = arrivals.map((each, index) => {
    const delays = delaysOf(each.slice(from[index]), sentMs);
    expect(delays.length).toBeGreaterThan(MEASURED / 2);
    return medianOf(delays);
  });
  // What libdatachannel and this process take on both ends is in what is seen only.
  const endsMs = 20;
  const [plain, transcoded] = told;
  expect(plain).toBeLessThan(seen[0] + 1);
  expect(plain).toBeGreaterThan(seen[0] - endsMs);
  expect(transcoded).toBeGreaterThan(plain + 1);
  expect(transcoded).toBeLessThan(seen[1] * 1.3 + 2);
  expect(transcoded).toBeGreaterThan(seen[1] * 0.4 - 3);
  await Promise.all([publisher, ...viewers].map((each) => each.close()));
});
