import { afterAll, beforeAll, expect, test, type TestContext, vi } from "vitest";
import { followEvents } from "../kit/event_follower.ts";
import { readFrameCounter } from "../kit/clip.ts";
import { decodeVideo, encodeVideoClip } from "../kit/ffmpeg.ts";
import {
  type LibdatachannelViewer,
  publish as publishByLibdatachannel,
  watch,
  type WatchedCodec,
} from "../kit/libdatachannel.ts";
import { publishByFfmpeg } from "../kit/publish_by_ffmpeg.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { decodeClip } from "./received_clip.ts";

// Each has its own encoders: more at once than processors would only wait for one another.
vi.setConfig({ maxConcurrency: 2 });

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const clip = { width: 320, height: 180, fps: 25, keyframeInterval: 25, bitrateBps: 600_000 };
const publish = (stream: string, seconds: number, { baseUrl } = server) =>
  publishByFfmpeg({ ...clip, whipUrl: `${baseUrl}/whip/${stream}`, seconds });
const watchIt = (
  stream: string,
  codec: WatchedCodec,
  { baseUrl } = server,
  audioCodec: "OPUS" | "PCMU" = "OPUS",
) => watch({ whepUrl: `${baseUrl}/whep/${stream}`, codec, audioCodec });

/** A server whose workers are this test's alone. */
async function ownServer({ onTestFinished }: TestContext, env: Record<string, string> = {}) {
  const own = await startServer({ env });
  onTestFinished(() => own.stop());
  return own;
}

/** The numbers burnt into the pictures that a viewer decoded. */
function countersOf({ video, audio }: LibdatachannelViewer, codec: WatchedCodec) {
  const { counters, worstPsnr } = decodeClip(video, audio, codec);
  expect(worstPsnr).toBeGreaterThan(28);
  return counters as number[];
}

/** In order and nearly all: what a busy machine cannot encode in time is left out. */
function expectNearlyAll(counters: number[], least: number) {
  expect(counters).toEqual(counters.toSorted((a, b) => a - b));
  expect(new Set(counters).size).toBe(counters.length);
  expect(counters.length).toBeGreaterThan(least);
  expect(counters.length / (counters.at(-1)! - counters[0] + 1)).toBeGreaterThan(0.8);
}

/** Pids of a server's frame workers, the oldest first. */
async function workersOf({ pid }: TestServer): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["--ppid", String(pid), "--sort=start_time,pid", "-o", "pid=,args="],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes("frame/worker"))
    .map((line) => Number(line.trim().split(" ")[0]));
}

test("viewers of other codecs see every picture of an H264 publisher, and those of one codec share its encoder", async () => {
  const publisher = await publish("talk", 8);
  const codecs: WatchedCodec[] = ["VP8", "VP8", "VP9", "AV1", "H265", "H264"];
  const viewers = await Promise.all(
    codecs.map((codec) => watchIt("talk", codec, server, codec === "VP9" ? "PCMU" : "OPUS")),
  );
  const rest = restClient(server.baseUrl);
  const { body: { items: [{ elementId }] } } = await rest.get("/v1/sessions?kind=whip");
  const asks = async (mediaType: string) =>
    (await rest.post(`/v1/elements/${elementId}/isMediaTranscoding`, { mediaType })).body.result;
  await expect.poll(() => asks("VIDEO"), { timeout: 5000 }).toBe(true);
  expect(await asks("AUDIO")).toBe(true);
  await expect.poll(() => viewers[0].video.accessUnits().length, { timeout: 8000 }).toBeGreaterThan(25);
  // The encoder makes a keyframe each ten seconds by itself: this one is asked for.
  const late = await watchIt("talk", "VP8");
  await expect.poll(() => late.video.accessUnits().length, { timeout: 2000 }).toBeGreaterThan(0);
  viewers.push(late);
  codecs.push("VP8");
  await publisher.finished;

  const { body: stats } = await rest.get(`/v1/elements/${elementId}/stats`);
  // deno-lint-ignore no-explicit-any
  const encoders = Object.values<any>(stats).filter(({ type }) => type === "encoder");
  expect(encoders.map(({ codec, sinkCount }) => [codec, sinkCount]).sort()).toEqual(
    [["AV1", 1], ["H265", 1], ["PCMU", 1], ["VP8", 3], ["VP9", 1]],
  );
  // One for the pipeline, and perhaps the one that waits for the next.
  expect((await workersOf(server)).length).toBeLessThanOrEqual(2);
  for (const [i, viewer] of viewers.entries()) {
    if (codecs[i] === "VP9") expect(viewer.audio.packetCount).toBeGreaterThan(200);
    else expectNearlyAll(countersOf(viewer, codecs[i]), viewer === late ? 20 : 80);
    await viewer.close();
  }
});

test.concurrent("viewers stay when the publisher comes back with another codec, one of them transcoded from then on", async ({ expect }) => {
  const units = (codec: "H264" | "H265") => encodeVideoClip({ ...clip, frameCount: 100, codec });
  const publishBy = (codec: "H264" | "H265") =>
    publishByLibdatachannel({
      whipUrl: `${server.baseUrl}/whip/returns`,
      video: units(codec),
      audio: [],
      codec,
    });
  const first = await publishBy("H264");
  const [direct, transcoded] = await Promise.all([watchIt("returns", "H264"), watchIt("returns", "VP8")]);
  await first.finished;
  const before = [direct, transcoded].map(({ video }) => video.accessUnits().length);
  expect(Math.min(...before)).toBeGreaterThan(20);
  await first.close();
  const second = await publishBy("H265");
  await second.finished;
  for (const [i, { video }] of [direct, transcoded].entries()) {
    await expect.poll(() => video.accessUnits().length, { timeout: 3000 }).toBeGreaterThan(before[i] + 40);
    expect(video.ssrcs).toHaveLength(1);
    const pictures = decodeVideo(
      video.accessUnits().slice(before[i]).map(({ bytes }) => bytes),
      i ? "VP8" : "H264",
    );
    const counters = pictures.map((picture) => readFrameCounter(picture.pixels, picture));
    // What was still on its way when the first publisher left aside, the second clip from its beginning to its end.
    const start = counters.findLastIndex((counter, at) => at > 0 && counter! < counters[at - 1]!);
    const again = counters.slice(Math.max(0, start));
    expect(again.at(-1)).toBeGreaterThan(90);
    expect(again.length).toBeGreaterThan(40);
  }
  await Promise.all([second.close(), direct.close(), transcoded.close()]);
});

// Alone: how soon it is back is measured, and a worker that starts wants a whole processor.
test("a worker that is killed costs its own pipeline a moment, and no other anything", async (context) => {
  const { expect } = context;
  const server = await ownServer(context);
  const follower = await followEvents(`${server.baseUrl}/v1/events`, 0);
  const publishers = [await publish("struck", 11, server)];
  const struck = await watchIt("struck", "VP8", server);
  await expect.poll(() => struck.video.packetCount, { timeout: 8000 }).toBeGreaterThan(0);
  const before = await workersOf(server);
  publishers.push(await publish("spared", 9, server));
  const spared = await watchIt("spared", "VP8", server);
  await expect.poll(() => spared.video.accessUnits().length, { timeout: 8000 }).toBeGreaterThan(25);

  Deno.kill(before[0], "SIGKILL");
  const killedMs = performance.now();
  await expect.poll(() => follower.events.map(({ data }) => data.data?.description ?? "").join(), {
    timeout: 3000,
  }).toContain("SIGKILL");
  const seen = struck.video.accessUnits().length;
  await expect.poll(() => struck.video.accessUnits().length, { timeout: 8000, interval: 50 }).toBeGreaterThan(
    seen + 5,
  );
  expect(performance.now() - killedMs).toBeLessThan(4000);
  const { data } = follower.events.find(({ data }) => data.data?.description?.includes("SIGKILL"))!;
  expect(data).toMatchObject({ type: "Error", data: { type: "STREAM_ERROR_FAILED" } });
  await Promise.all(publishers.map(({ finished }) => finished));

  expectNearlyAll(countersOf(spared, "VP8"), 80);
  expect(spared.video.lostCount).toBe(0);
  expect(struck.video.ssrcs).toHaveLength(1);
  const counters = countersOf(struck, "VP8");
  // The new worker begins with the last keyframe, which may have been seen.
  const stepsBack = counters.filter((counter, index) => index > 0 && counter < counters[index - 1]);
  expect(stepsBack.length).toBeLessThanOrEqual(1);
  expect(counters.at(-1)! - counters[0]).toBeGreaterThan(150);
  follower.stop();
  await Promise.all([struck.close(), spared.close()]);
});

test.concurrent("an encoder keeps to what its viewer may be sent, from the bound's first second on", async ({ expect }) => {
  const publisher = await publish("narrow", 9);
  const viewer = await watchIt("narrow", "VP8");
  const rest = restClient(server.baseUrl);
  const { body: { items } } = await rest.get("/v1/sessions?kind=whep");
  const { elementId } = items.find(({ stream }: { stream: string }) => stream === "narrow");
  const kbps = async (seconds: number) => {
    const bytes = () => viewer.video.accessUnits().reduce((sum, unit) => sum + unit.bytes.length, 0);
    const before = bytes();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return (bytes() - before) * 8 / 1000 / seconds;
  };
  await expect.poll(() => viewer.video.accessUnits().length, { timeout: 8000 }).toBeGreaterThan(10);
  const edit = { properties: { maxVideoSendBandwidth: 80 } };
  expect((await rest.patch(`/v1/elements/${elementId}`, edit)).status).toBe(200);
  await kbps(1.5);
  expect(await kbps(3)).toBeLessThan(110);
  await publisher.kill();
  await viewer.close();
});

test.concurrent("the portable way to the system carries plain RTP to workers too", async (context) => {
  const portable = await ownServer(context, { KASKADO_NATIVE: "portable" });
  const publisher = await publish("talk", 6, portable);
  const viewer = await watchIt("talk", "VP8", portable);
  await publisher.finished;
  expectNearlyAll(countersOf(viewer, "VP8"), 50);
  await viewer.close();
});
