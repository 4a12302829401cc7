import { afterAll, beforeAll, expect, test } from "vitest";
import { makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
import { publishTo, watchFrom } from "../kit/kurento_peer.ts";
import { readRecording } from "../kit/recorded_file.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { continueUntil } from "../kit/until.ts";
import { decodeClip } from "./received_clip.ts";

const fps = 25;
const mediaDir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "kaskado_media_" }));
let server: TestServer;
let client: KurentoClient;
beforeAll(async () => {
  await makeClipFile(`${mediaDir}/clip.mp4`, {
    width: 320,
    height: 192,
    fps,
    frameCount: 75,
    video: [...plainH264, "-profile:v", "baseline"],
    audio: ["-c:a", "aac"],
  });
  server = await startServer({ env: { KASKADO_MEDIA_DIR: mediaDir } });
  client = await openKurentoClient(`${server.baseUrl.replace("http", "ws")}/kurento`);
  await client.create("pipeline", "MediaPipeline");
});
afterAll(async () => {
  await client?.kill();
  await server?.stop();
  Deno.removeSync(mediaDir, { recursive: true });
});

const make = (name: string, type: string, options: object = {}) =>
  client.create(name, type, { mediaPipeline: "@pipeline", ...options });
const story = (name: string) =>
  client.events.filter(({ object }) => object === name).map(({ event, data }) =>
    event === "UriEndpointStateChanged" ? data.state : event
  );
const isStopped = ({ state }: { state: string }) => state === "STOP";

test("a program plays a file to a viewer, as the tutorials do", async () => {
  await make("player", "PlayerEndpoint", { uri: `file://${mediaDir}/clip.mp4` });
  await make("viewer", "WebRtcEndpoint");
  await client.call("player", "connect", "@viewer");
  for (const event of ["EndOfStream", "Error", "UriEndpointStateChanged"]) await client.on("player", event);
  await client.on("viewer", "ConnectionStateChanged");
  const viewer = await watchFrom(client, "viewer", "both ways");
  await client.event("viewer", "ConnectionStateChanged", ({ newState }) => newState === "CONNECTED");
  expect(await client.call("player", "getUri")).toBe(`file://${mediaDir}/clip.mp4`);
  expect(await client.call("player", "getState")).toBe("STOP");
  await expect(client.call("player", "setPosition", 1000)).rejects.toMatchObject({ code: 40700 });
  await client.call("player", "play");
  await expect.poll(() => client.call("player", "getVideoInfo"), { timeout: 10_000 }).toMatchObject({
    isSeekable: true,
    seekableInit: 0,
    seekableEnd: 3000,
    duration: 3000,
  });
  await expect.poll(() => client.call("player", "getPosition")).toBeGreaterThan(100);
  expect(await client.call("player", "getElementGstreamerDot")).toMatch(/^digraph /);
  await client.event("player", "EndOfStream");
  expect(decodeClip(viewer.video, viewer.audio).counters).toEqual(
    Array.from({ length: 75 }, (_, index) => index),
  );
  expect(story("player")).toEqual(["START", "STOP", "EndOfStream"]);
  expect(await client.call("player", "getState")).toBe("STOP");

  await client.call("player", "play");
  await expect.poll(() => story("player").filter((each) => each === "EndOfStream").length, {
    timeout: 15_000,
  })
    .toBe(2);
  await client.call("player", "play");
  const seen = viewer.video.accessUnits().length;
  await continueUntil("the file a third time", () => viewer.video.accessUnits().length > seen + 10);
  await client.call("player", "setPosition", 2000);
  // What passes as it is goes on at the keyframe before, with the frame of sound that reaches into it; the clip has a
  // keyframe every 1200 ms.
  const position = await client.call("player", "getPosition") as number;
  expect(position).toBeGreaterThan(1200 - 25);
  expect(position).toBeLessThan(2400);
  await client.call("player", "pause");
  expect(await client.call("player", "getState")).toBe("PAUSE");
  await client.call("player", "stop");
  viewer.close();
});

test("what cannot be played is told as Kurento's errors", async () => {
  await make("lost", "PlayerEndpoint", { uri: "file:///etc/passwd", useEncodedMedia: true, networkCache: 0 });
  await client.on("lost", "Error");
  await client.on("lost", "UriEndpointStateChanged");
  await client.call("lost", "play");
  const { data } = await client.event("lost", "Error");
  expect(data).toMatchObject({ type: "INVALID_URI", errorCode: 0 });
  expect(data.description).toMatch(/^Invalid URI/);
  await client.event("lost", "UriEndpointStateChanged", isStopped);
});

test("a program records a publisher, in order of Kurento's events", async () => {
  const clip = {
    video: encodeVideoClip({
      width: 320,
      height: 192,
      fps,
      frameCount: 20 * fps,
      keyframeInterval: fps,
      bitrateBps: 300_000,
    }),
    audio: encodeAudioClip(1000),
  };
  await make("camera", "WebRtcEndpoint");
  await make("recorder", "RecorderEndpoint", {
    uri: `file://${mediaDir}/made/camera.mp4`,
    mediaProfile: "MP4",
  });
  await client.call("camera", "connect", "@recorder");
  for (const event of ["Recording", "Paused", "Stopped", "Error", "UriEndpointStateChanged"]) {
    await client.on("recorder", event);
  }
  const publisher = await publishTo(client, "camera", clip);
  expect(await client.call("recorder", "getState")).toBe("STOP");
  await client.call("recorder", "record");
  await client.event("recorder", "Recording");
  const list = `${server.baseUrl}/v1/recordings`;
  const durationMs = async () => (await (await fetch(list)).json()).items[0]?.durationMs ?? 0;
  await expect.poll(durationMs, { timeout: 30_000 }).toBeGreaterThan(1500);
  await client.call("recorder", "stopAndWait");
  expect(await client.call("recorder", "getState")).toBe("STOP");
  const file = await readRecording(`${mediaDir}/made/camera.mp4`);
  expect(file).toMatchObject({ videoCodec: "h264", audioCodec: "aac" });
  const counters = file.pictures.map(({ counter }) => counter!);
  expect(counters.length).toBeGreaterThan(1.5 * fps);
  expect(counters).toEqual(counters.map((_, index) => counters[0] + index));
  await client.event("recorder", "Stopped");
  expect(story("recorder")).toEqual(["START", "Recording", "STOP", "Stopped"]);
  publisher.close();
});

test("a profile that needs Kurento's plug-in is refused as Kurento does without it", async () => {
  const options = { uri: `file://${mediaDir}/split`, mediaProfile: "KURENTO_SPLIT_RECORDER" };
  await expect(make("split", "RecorderEndpoint", options)).rejects.toMatchObject({ code: 40107 });
});

test("a program takes what is posted to its endpoint, and learns how long it takes to the viewer", async () => {
  await make("post", "HttpPostEndpoint", { disconnectionTimeout: 1 });
  await make("guest", "WebRtcEndpoint");
  await client.call("post", "connect", "@guest");
  for (const event of ["MediaSessionStarted", "MediaSessionTerminated", "EndOfStream", "Error"]) {
    await client.on("post", event);
  }
  await client.on("guest", "ConnectionStateChanged");
  const viewer = await watchFrom(client, "guest", "both ways");
  await client.event("guest", "ConnectionStateChanged", ({ newState }) => newState === "CONNECTED");
  await client.call("pipeline", "setLatencyStats", true);
  const form = new FormData();
  form.append("clip", new Blob([Deno.readFileSync(`${mediaDir}/clip.mp4`)]), "clip.mp4");
  const url = await client.call("post", "getUrl") as string;
  expect((await fetch(url, { method: "POST", body: form })).status).toBe(204);
  await expect.poll(() => viewer.video.accessUnits().length, { timeout: 10_000 }).toBeGreaterThan(30);
  const stats = Object.values(
    await client.call("guest", "getStats") as Record<string, Record<string, unknown>>,
  );
  const { inputLatency, E2ELatency } = stats.find(({ type }) => type === "endpoint")!;
  for (const latencies of [inputLatency, E2ELatency] as { type: string; avg: number }[][]) {
    expect(latencies.map(({ type }) => type).toSorted()).toEqual(["AUDIO", "VIDEO"]);
    for (const { avg } of latencies) expect(avg).toBeGreaterThan(0);
  }
  await client.event("post", "MediaSessionTerminated");
  expect(story("post")).toEqual(["MediaSessionStarted", "EndOfStream", "MediaSessionTerminated"]);
  expect(decodeClip(viewer.video, viewer.audio).counters).toEqual(
    Array.from({ length: 75 }, (_, index) => index),
  );
});
