import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from "vitest";
import { makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type LibdatachannelPublisher, publish } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { readRecording } from "../kit/recorded_file.ts";
import { continueUntil } from "../kit/until.ts";

// Most of it is waiting while a small clip is recorded in real time.
vi.setConfig({ maxConcurrency: 4 });

const fps = 25;
const CLIP_SECONDS = 25;
const clip = {
  video: encodeVideoClip({
    width: 320,
    height: 192,
    fps,
    frameCount: CLIP_SECONDS * fps,
    keyframeInterval: fps,
    bitrateBps: 300_000,
  }),
  audio: encodeAudioClip(CLIP_SECONDS * 50),
};

let media: MediaServer;
const start = () => startMediaServer({ env: { KASKADO_MEDIA_PRIVATE_HOSTS: "true" } });
beforeAll(async () => void (media = await start()));
afterAll(() => media?.stop());

const recorder = (uri: string, options: object = {}, name = "recorder") => ({
  type: "RecorderEndpoint",
  name,
  options: { uri, ...options },
});
const source = { type: "WebRtcEndpoint", name: "source" };
const fed = (name = "recorder") => ({ source: "source", sink: name });

/** One that nobody holds is collected, and publishes no more. */
const publishers: LibdatachannelPublisher[] = [];

/** What the tests do with the server. */
function studioOf(server: () => MediaServer) {
  const path = (name: string) => `${server().mediaDir}/${name}`;
  const recordings = async (query = "") => (await server().rest.get(`/v1/recordings${query}`)).body.items;

  /** A pipeline whose source has a publisher; the clip runs once. */
  async function published(
    recorders: ReturnType<typeof recorder>[],
  ): Promise<{ ids: Record<string, string>; publisher: LibdatachannelPublisher }> {
    const ids = await server().make([source, ...recorders], recorders.map(({ name }) => fed(name)));
    const whipUrl = `${server().server.baseUrl}/v1/elements/${ids.source}/whip`;
    const publisher = await publish({ whipUrl, ...clip });
    publishers.push(publisher);
    return { ids, publisher };
  }

  /** Until the recorder's files hold so much, by what is told of them now and again. */
  async function recorded(id: string, ms: number): Promise<void> {
    const sum = async () =>
      (await recordings(`?element=${id}`)).reduce(
        (total: number, { durationMs }: { durationMs: number }) => total + durationMs,
        0,
      );
    await continueUntil(`${ms} ms of recording`, async () => await sum() > ms, 30_000, 100);
  }
  return { path, recordings, published, recorded };
}

const { path, recordings, published, recorded } = studioOf(() => media);

/** A server that the test alone may stop and kill. */
async function ownStudio({ onTestFinished }: TestContext) {
  const own = await start();
  onTestFinished(own.stop);
  return { media: own, ...studioOf(() => own) };
}

/** Each picture's number is one above that of the one before. */
function expectInOrder(counters: (number | null)[]): void {
  expect(counters).toEqual(counters.map((_, index) => counters[0]! + index));
}

test.concurrent("a publisher is recorded, the file is complete when stopAndWait answers, and it is served", async () => {
  const { ids, publisher } = await published([recorder("shows/one.mp4", { mediaProfile: "MP4" })]);
  await media.call(ids.recorder, "record");
  await media.event(ids.recorder, "Recording");
  expect(await media.read(ids.recorder)).toMatchObject({
    uri: `file://${path("shows/one.mp4")}`,
    state: "START",
  });
  const [live] = await recordings(`?pipeline=${ids.pipeline}`);
  expect(live).toMatchObject({ name: "shows/one.mp4", state: "recording", profile: "MP4" });
  expect((await media.rest.delete(`/v1/recordings/shows%2Fone.mp4`)).body.code).toBe("recording_active");
  await recorded(ids.recorder, 1500);
  expect(await media.call(ids.recorder, "stopAndWait")).toBeNull();

  const file = await readRecording(path("shows/one.mp4"));
  expect(file).toMatchObject({ videoCodec: "h264", audioCodec: "aac", decodeErrors: 0 });
  expectInOrder(file.pictures.map(({ counter }) => counter));
  expect(file.pictures.length).toBeGreaterThan(1.5 * fps);
  expect(Math.abs(file.durationMs - file.pictures.at(-1)!.atMs - 1000 / fps)).toBeLessThan(1000 / fps);

  expect((await media.read(ids.recorder)).state).toBe("STOP");
  const [complete] = await recordings(`?element=${ids.recorder}`);
  expect(complete).toMatchObject({
    name: "shows/one.mp4",
    state: "complete",
    sizeBytes: Deno.statSync(path("shows/one.mp4")).size,
    contentType: "video/mp4",
    pipelineId: ids.pipeline,
    elementId: ids.recorder,
  });
  expect(Math.abs(complete.durationMs - file.durationMs)).toBeLessThan(100);
  expect(complete.tracks).toEqual(
    expect.arrayContaining([{ media: "video", codec: "H264" }, { media: "audio", codec: "AAC" }]),
  );
  expect(media.story(ids.recorder)).toEqual([
    "UriEndpointStateChanged START",
    "Recording",
    "FileCompleted",
    "UriEndpointStateChanged STOP",
    "Stopped",
  ]);

  const url = `${media.server.baseUrl}/v1/recordings/shows%2Fone.mp4/file`;
  const whole = new Uint8Array(await (await fetch(url)).arrayBuffer());
  expect(whole).toEqual(Deno.readFileSync(path("shows/one.mp4")));
  const part = await fetch(url, { headers: { Range: "bytes=4-7" } });
  expect([part.status, await part.text()]).toEqual([206, "ftyp"]);
  expect((await media.rest.delete("/v1/recordings/shows%2Fone.mp4")).status).toBe(204);
  expect(await recordings(`?element=${ids.recorder}`)).toEqual([]);
  await publisher.close();
});

test.concurrent("what is encoded for the file keeps to its limits, and is told of", async () => {
  const { ids, publisher } = await published([recorder("small.webm")]);
  const { recorder: id } = ids;
  const limit = async (maxEncoderBitrate: number) =>
    await media.rest.patch(`/v1/elements/${id}`, { properties: { maxEncoderBitrate } });
  const ask = (mediaType: string) => media.call(id, "isMediaTranscoding", { mediaType });
  expect(await ask("VIDEO")).toBe(false);
  await limit(40_000);
  await media.call(id, "record");
  // VP8 of H264, and Opus as it comes.
  for (const [mediaType, isOn] of [["VIDEO", true], ["AUDIO", false]] as const) {
    await media.event(id, "MediaTranscodingStateChanged", (data) => data.mediaType === mediaType);
    expect(await ask(mediaType)).toBe(isOn);
  }
  await recorded(id, 3000);
  await limit(2_147_483_647);
  await recorded(id, 6000);
  await media.call(id, "stopAndWait");
  expect(await ask("VIDEO")).toBe(false);
  const states = media.heard(id, "MediaTranscodingStateChanged").filter(({ mediaType }) =>
    mediaType === "VIDEO"
  );
  expect(states.map(({ state }) => state)).toEqual(["TRANSCODING", "NOT_TRANSCODING"]);
  const file = await readRecording(path("small.webm"));
  const bps = (fromMs: number, toMs: number) =>
    file.packets.filter((packet) => packet.media === "video" && packet.atMs >= fromMs && packet.atMs < toMs)
      .reduce((sum, { bytes }) => sum + bytes, 0) * 8000 / (toMs - fromMs);
  expect(bps(500, 2500)).toBeLessThan(80_000);
  expect(bps(4000, 6000)).toBeGreaterThan(100_000);
  await publisher.close();
});

test.concurrent("paused time is cut out, and after a stop it is over", async () => {
  const { ids, publisher } = await published([recorder("paused.mkv", { mediaProfile: "MKV" })]);
  const { recorder: id } = ids;
  await media.call(id, "record");
  await media.event(id, "Recording");
  await recorded(id, 1500);
  await media.call(id, "pause");
  expect((await media.read(id)).state).toBe("PAUSE");
  // What is tested is that nothing of this time is in the file.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await media.call(id, "record");
  await recorded(id, 4500);
  await media.call(id, "stop");
  await media.event(id, "Stopped");
  expect(media.story(id)).toEqual([
    "UriEndpointStateChanged START",
    "Recording",
    "UriEndpointStateChanged PAUSE",
    "Paused",
    "UriEndpointStateChanged START",
    "Recording",
    "FileCompleted",
    "UriEndpointStateChanged STOP",
    "Stopped",
  ]);
  const { pictures, decodeErrors } = await readRecording(path("paused.mkv"));
  const counters = pictures.map(({ counter }) => counter!);
  const cut = counters.findIndex((counter, index) => index > 0 && counter !== counters[index - 1] + 1);
  expect(decodeErrors).toBe(0);
  expectInOrder(counters.slice(0, cut));
  expectInOrder(counters.slice(cut));
  // At least the pause is missing, and no hole is left in the file's time.
  expect(counters[cut] - counters[cut - 1]).toBeGreaterThan(1.9 * fps);
  expect(pictures[cut].atMs - pictures[cut - 1].atMs).toBeLessThan(250);
  await media.call(id, "record");
  expect((await media.event(id, "Error")).description).toContain("was stopped, make another one");
  expect((await media.read(id)).state).toBe("STOP");
  await publisher.close();
});

test.concurrent("segments follow one another without a gap, and HLS is one recording that plays from its address", async () => {
  const { ids, publisher } = await published([
    recorder("cut.mkv", { mediaProfile: "MKV_VIDEO_ONLY", segmentMs: 1000 }),
    recorder("live/all.m3u8", { container: "HLS", segmentMs: 1000 }, "hls"),
    recorder("live/all.m3u8", { container: "HLS" }, "intruder"),
  ]);
  await Promise.all([media.call(ids.recorder, "record"), media.call(ids.hls, "record")]);
  await media.event(ids.hls, "FileCompleted");
  expect(await recordings(`?element=${ids.hls}`)).toMatchObject([{
    name: "live/all.m3u8",
    state: "recording",
  }]);
  // The segment that it would write over is complete and nobody's any more.
  await media.call(ids.intruder, "record");
  expect(await media.event(ids.intruder, "Error")).toMatchObject({ type: "RESOURCE_ERROR_OPEN" });
  await Promise.all([recorded(ids.recorder, 2500), recorded(ids.hls, 2500)]);
  await Promise.all([media.call(ids.recorder, "stopAndWait"), media.call(ids.hls, "stopAndWait")]);
  const parts = await recordings(`?element=${ids.recorder}`);
  expect(parts.length).toBeGreaterThan(2);
  const counters: (number | null)[] = [];
  for (const { name, durationMs } of parts) {
    const file = await readRecording(path(name));
    counters.push(...file.pictures.map(({ counter }) => counter));
    expect(Math.abs(durationMs - file.pictures.length * 1000 / fps)).toBeLessThan(1000 / fps);
  }
  expectInOrder(counters);

  const [playlist] = await recordings(`?element=${ids.hls}`);
  expect(playlist).toMatchObject({ state: "complete", contentType: "application/vnd.apple.mpegurl" });
  expect(playlist.durationMs).toBeGreaterThan(2500);
  const played = await readRecording(`${media.server.baseUrl}/v1/recordings/live%2Fall.m3u8/file`);
  expectInOrder(played.pictures.map(({ counter }) => counter));
  // Sound may be there before the first picture.
  expect(Math.abs(played.durationMs - playlist.durationMs)).toBeLessThan(100);
  expect(Math.abs(played.pictures.at(-1)!.atMs + 1000 / fps - playlist.durationMs)).toBeLessThan(100);
  await publisher.close();
});

describe.concurrent("what feeds it", () => {
  test.concurrent("may end: the file is closed where that is wished", async () => {
    const file = await media.make([
      { type: "PlayerEndpoint", name: "source", options: { uri: "feed.mkv" } },
      { type: "PassThrough", name: "through" },
      recorder("copy.mkv", { mediaProfile: "MKV", stopOnEndOfStream: true }),
    ], [{ source: "source", sink: "through" }, { source: "through", sink: "recorder" }]);
    const clipFile = { width: 320, height: 192, fps, frameCount: 50, audio: ["-c:a", "libopus"] };
    await makeClipFile(path("feed.mkv"), { ...clipFile, video: [...plainH264, "-profile:v", "baseline"] });
    await media.call(file.recorder, "record");
    await media.call(file.source, "play");
    await media.event(file.recorder, "Stopped");
    const { pictures } = await readRecording(path("copy.mkv"));
    expect(pictures.map(({ counter }) => counter)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  test.concurrent("may be two, of which one ends first: the file is closed after the other", async () => {
    const player = (name: string) => ({ type: "PlayerEndpoint", name, options: { uri: `${name}.mkv` } });
    const ids = await media.make([
      player("sound"),
      player("pictures"),
      recorder("both.mkv", { mediaProfile: "MKV", stopOnEndOfStream: true }),
    ], [
      { source: "sound", sink: "recorder", media: "audio" },
      { source: "pictures", sink: "recorder", media: "video" },
    ]);
    const size = { width: 320, height: 192, fps };
    await makeClipFile(path("sound.mkv"), {
      ...size,
      frameCount: 15,
      video: null,
      audio: ["-c:a", "libopus"],
    });
    const video = [...plainH264, "-profile:v", "baseline"];
    await makeClipFile(path("pictures.mkv"), { ...size, frameCount: 60, video, audio: null });
    await media.call(ids.recorder, "record");
    await media.call(ids.pictures, "play");
    await media.event(ids.pictures, "MediaFlowOutStateChanged");
    await media.call(ids.sound, "play");
    await media.event(ids.recorder, "Stopped");
    expect(media.heard(ids.pictures, "EndOfStream")).toHaveLength(1);
    const { pictures } = await readRecording(path("both.mkv"));
    expect(pictures.map(({ counter }) => counter)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  test.concurrent("may leave with its pipeline: the file is complete when the release answers", async () => {
    const { ids, publisher } = await published([recorder("released.webm")]);
    await media.call(ids.recorder, "record");
    await recorded(ids.recorder, 1500);
    expect((await media.rest.delete(`/v1/pipelines/${ids.pipeline}`)).status).toBe(204);
    const [view] = await recordings(`?pipeline=${ids.pipeline}`);
    expect(view).toMatchObject({ name: "released.webm", state: "complete" });
    expect(view.durationMs).toBeGreaterThan(1000);
    expectInOrder((await readRecording(path("released.webm"))).pictures.map(({ counter }) => counter));
    await publisher.close();
  });
});

test.concurrent("what is still being recorded is played as far as the recorder gets", async () => {
  const names = ["growing.mkv", "growing.mp4"];
  const profileOf = (name: string) => name.slice(-3).toUpperCase();
  const { ids, publisher } = await published(
    names.map((name) => recorder(name, { mediaProfile: profileOf(name) }, profileOf(name))),
  );
  for (const name of names) await media.call(ids[profileOf(name)], "record");
  await Promise.all(names.map((name) => recorded(ids[profileOf(name)], 1000)));
  const copies = await media.make(
    names.flatMap((name) => [
      { type: "PlayerEndpoint", name, options: { uri: name } },
      recorder(`of_${name}`, { mediaProfile: "MKV", stopOnEndOfStream: true }, `of_${name}`),
    ]),
    names.map((name) => ({ source: name, sink: `of_${name}` })),
  );
  for (const name of names) {
    await media.call(copies[`of_${name}`], "record");
    await media.call(copies[name], "play");
  }
  await Promise.all(names.map((name) => recorded(copies[`of_${name}`], 2500)));
  for (const name of names) await media.call(ids[profileOf(name)], "stopAndWait");
  for (const name of names) {
    await media.event(copies[`of_${name}`], "Stopped");
    const counters = async (file: string) =>
      (await readRecording(path(file))).pictures.map(({ counter }) => counter);
    expect(await counters(`of_${name}`)).toEqual(await counters(name));
  }
  await publisher.close();
});

describe.concurrent("what cannot be written is told as an event", () => {
  /** Kind of the error that a recorder of the URI tells, and the recorder. */
  async function failing(uri: string): Promise<{ kind: string; description: string; id: string }> {
    const { ids, publisher } = await published([recorder(uri)]);
    await media.call(ids.recorder, "record");
    const { type: kind, description } = await media.event(ids.recorder, "Error");
    await media.event(ids.recorder, "UriEndpointStateChanged", ({ state }) => state === "STOP");
    await publisher.close();
    return { kind, description, id: ids.recorder };
  }

  test.concurrent.for<[string, string, RegExp]>([
    ["outside the media folder", "file:///tmp/kaskado-elsewhere.webm", /^INVALID_URI$/],
    ["by a path that leads out", "../out.webm", /^INVALID_URI$/],
    ["to a scheme that takes no recordings", "rtsp://camera/live", /^INVALID_URI$/],
    ["below what is no folder", "plain.txt/a.webm", /^RESOURCE_ERROR_OPEN$/],
  ])("%s", async ([_title, uri, kind]) => {
    Deno.writeTextFileSync(path("plain.txt"), "no folder");
    expect((await failing(uri)).kind).toMatch(kind);
    expect(() => Deno.statSync("/tmp/kaskado-elsewhere.webm")).toThrow();
  });

  test.concurrent("into a read-only folder, and onto a full disk", async () => {
    if (!mount(path("locked"), "size=1m,ro") || !mount(path("small"), "size=64k")) return;
    try {
      expect((await failing("locked/a.webm")).kind).toBe("RESOURCE_ERROR_OPEN");
      const { kind, id } = await failing("small/a.webm");
      expect(kind).toBe("RESOURCE_ERROR_NO_SPACE_LEFT");
      const [view] = await recordings(`?element=${id}`);
      expect(view.state).toBe("interrupted");
      expect(view.sizeBytes).toBeGreaterThan(1000);
    } finally {
      for (const folder of ["locked", "small"]) unmount(path(folder));
    }
  });
});

test.concurrent("after a kill of its worker a recorder says so, and goes on in another file", async (context) => {
  const { media, path, recordings, published, recorded } = await ownStudio(context);
  const { ids, publisher } = await published([recorder("torn.mkv", { mediaProfile: "MKV" })]);
  const { recorder: id } = ids;
  await media.call(id, "record");
  await recorded(id, 2500);
  for (const pid of workersOf(media.server.pid)) Deno.kill(pid, "SIGKILL");
  await media.event(id, "Error", ({ type }) => type === "UNEXPECTED_ELEMENT_ERROR");
  const [torn] = await recordings(`?element=${id}`);
  expect(torn).toMatchObject({ name: "torn.mkv", state: "interrupted" });
  await recorded(id, torn.durationMs + 2500);
  await media.call(id, "stopAndWait");
  const both = await recordings(`?element=${id}`);
  expect(both.map(({ state }: { state: string }) => state)).toEqual(["interrupted", "complete"]);
  for (const { name } of both) {
    const { pictures } = await readRecording(path(name));
    expect(pictures.length).toBeGreaterThan(fps);
    expectInOrder(pictures.map(({ counter }) => counter));
  }
  await publisher.close();
});

test.concurrent("a file that a recorder writes to is no other recorder's", async () => {
  const { ids, publisher } = await published([
    recorder("one.mkv", { mediaProfile: "MKV" }, "first"),
    recorder("one.mkv", { mediaProfile: "MKV" }, "second"),
  ]);
  await media.call(ids.first, "record");
  await recorded(ids.first, 100);
  await media.call(ids.second, "record");
  expect(await media.event(ids.second, "Error")).toMatchObject({ type: "RESOURCE_ERROR_OPEN" });
  await media.call(ids.first, "stopAndWait");
  expect(await recordings(`?pipeline=${ids.pipeline}`)).toMatchObject([
    { name: "one.mkv", state: "complete", elementId: ids.first },
  ]);
  expectInOrder((await readRecording(path("one.mkv"))).pictures.map(({ counter }) => counter));
  await publisher.close();
});

test.concurrent("a server that is stopped in good order closes its files, and its recorders go on when it is back", async (context) => {
  const { media, path, recordings, published, recorded } = await ownStudio(context);
  const { ids, publisher } = await published([recorder("stopped.mp4", { mediaProfile: "MP4" })]);
  await media.call(ids.recorder, "record");
  await recorded(ids.recorder, 1500);
  await media.server.restart();
  await media.follow();
  const [view] = await recordings(`?element=${ids.recorder}`);
  expect(view).toMatchObject({ name: "stopped.mp4", state: "complete" });
  const { pictures, durationMs } = await readRecording(path("stopped.mp4"));
  expectInOrder(pictures.map(({ counter }) => counter));
  expect(Math.abs(durationMs - view.durationMs)).toBeLessThan(100);
  expect((await media.read(ids.recorder)).state).toBe("START");
  await publisher.close();
});

test.concurrent("a recording goes to an HTTP server by PUT, and is told of by its address", async () => {
  const bodies = new Map<string, Uint8Array>();
  const store = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "PUT") bodies.set(pathname, new Uint8Array(await request.arrayBuffer()));
    return new Response(null, { status: request.method === "PUT" ? 201 : 405 });
  });
  const url = `http://127.0.0.1:${store.addr.port}/bucket/up.mkv`;
  const { ids, publisher } = await published([recorder(url, { mediaProfile: "MKV_VIDEO_ONLY" })]);
  await media.call(ids.recorder, "record");
  await media.event(ids.recorder, "MediaFlowInStateChanged");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await media.call(ids.recorder, "stopAndWait");
  expect(media.heard(ids.recorder, "FileCompleted")).toMatchObject([{ name: url }]);
  expect(media.heard(ids.recorder, "Recording")).toHaveLength(1);
  expect(await recordings(`?element=${ids.recorder}`)).toEqual([]);
  Deno.writeFileSync(path("down.mkv"), bodies.get("/bucket/up.mkv")!);
  expectInOrder((await readRecording(path("down.mkv"))).pictures.map(({ counter }) => counter));
  await publisher.close();
  await store.shutdown();
});

test.concurrent("after a kill of the server the file plays to its last second, and the recorder goes on in another one", async (context) => {
  const { media, path, recordings, published, recorded } = await ownStudio(context);
  const { ids, publisher } = await published([recorder("crash.webm")]);
  await media.call(ids.recorder, "record");
  await recorded(ids.recorder, 2500);
  const [{ durationMs }] = await recordings(`?element=${ids.recorder}`);
  await media.server.kill();
  await media.server.restart();
  await media.follow();
  expect(await recordings(`?element=${ids.recorder}`)).toMatchObject([
    { name: "crash.webm", state: "interrupted", tracks: [{ codec: "VP8" }, { codec: "OPUS" }] },
  ]);
  const { pictures } = await readRecording(path("crash.webm"));
  expectInOrder(pictures.map(({ counter }) => counter));
  expect(pictures.at(-1)!.atMs).toBeGreaterThan(durationMs - 1000);

  expect((await media.read(ids.recorder)).state).toBe("START");
  const whipUrl = `${media.server.baseUrl}/v1/elements/${ids.source}/whip`;
  const again = await publish({ whipUrl, ...clip });
  await recorded(ids.recorder, durationMs + 1500);
  await media.call(ids.recorder, "stopAndWait");
  await again.close();
  const both = await recordings(`?element=${ids.recorder}`);
  expect(both.map(({ state }: { state: string }) => state)).toEqual(["interrupted", "complete"]);
  expect(both[1].name).toMatch(/^crash-.+\.webm$/);
  expect((await readRecording(path(both[1].name))).pictures.length).toBeGreaterThan(10);
  await publisher.close();
});

/** Child processes of the server. */
function workersOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  const direct = text === "" ? [] : text.split(" ").map(Number);
  return direct.flatMap((child) => [child, ...workersOf(child)]);
}

/** A file system of its own at the folder; says loudly when that is not to be had. */
function mount(folder: string, options: string): boolean {
  Deno.mkdirSync(folder, { recursive: true });
  const args = ["-t", "tmpfs", "-o", options, "tmpfs", folder];
  const { success } = new Deno.Command("mount", { args, stderr: "null" }).outputSync();
  if (!success) {
    const line = "!!! LEFT OUT: read-only folders and full disks (no right to mount a tmpfs) !!!\n";
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  }
  return success;
}

function unmount(folder: string): void {
  new Deno.Command("umount", { args: ["-l", folder] }).outputSync();
}
