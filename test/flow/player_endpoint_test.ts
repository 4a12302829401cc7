import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { decodeClip } from "../interop/received_clip.ts";
import { makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { readRecording } from "../kit/recorded_file.ts";
import { continueUntil } from "../kit/until.ts";

// Most of it is waiting while a small clip is played in real time.
vi.setConfig({ maxConcurrency: 4 });

const fps = 25;
/** What the kit's viewers take as it is. */
const baselineH264 = [...plainH264, "-profile:v", "baseline"];
let media: MediaServer;
beforeAll(async () => {
  media = await startMediaServer();
  const clip = { width: 320, height: 192, fps, video: baselineH264 };
  const audio = ["-c:a", "aac"];
  await makeClipFile(`${media.mediaDir}/short.mp4`, { ...clip, frameCount: 75, audio });
  await makeClipFile(`${media.mediaDir}/long.mp4`, { ...clip, frameCount: 500, audio });
});
afterAll(() => media?.stop());

const player = (uri: string, options: object = {}) => ({
  type: "PlayerEndpoint",
  name: "player",
  options: { uri, ...options },
});

/** A viewer that the server knows to be connected: it sees what is played from the first picture on. */
async function watchElement(id: string) {
  const viewer = await watch({ whepUrl: `${media.server.baseUrl}/v1/elements/${id}/whep` });
  const sessions = async () => (await media.rest.get("/v1/sessions")).body.items;
  await continueUntil(
    "every session to be connected",
    async () => (await sessions()).every(({ state }: { state: string }) => state === "connected"),
    10_000,
    50,
  );
  return viewer;
}

test.concurrent("a file is played to a viewer, picture by picture, and its end is told", async () => {
  const { player: id } = await media.make([player("short.mp4")]);
  expect(await media.read(id)).toMatchObject({
    uri: `file://${media.mediaDir}/short.mp4`,
    state: "STOP",
    position: 0,
    videoInfo: { isSeekable: false, duration: 0 },
  });
  const viewer = await watchElement(id);
  const startedMs = performance.now();
  await media.call(id, "play");
  await media.event(id, "EndOfStream");
  // At the pace of the media: three seconds, and what it takes to open a worker and the file.
  expect(performance.now() - startedMs).toBeGreaterThan(2900);
  expect(performance.now() - startedMs).toBeLessThan(8000);
  const clip = decodeClip(viewer.video, viewer.audio);
  expect(clip.counters).toEqual(Array.from({ length: 75 }, (_, index) => index));
  expect(clip.worstPsnr).toBeGreaterThan(25);
  // Beeps of 100 ms in each second: some frames are loud, most are not.
  expect(clip.audioEnergies.length).toBeGreaterThan(140);
  expect(clip.audioEnergies.filter((energy) => energy > 100).length).toBeGreaterThan(9);
  expect(media.story(id)).toEqual([
    "UriEndpointStateChanged START",
    "UriEndpointStateChanged STOP",
    "EndOfStream",
  ]);
  await viewer.close();
});

test.concurrent("position and seekable range are told, and setting the position seeks", async ({ expect }) => {
  const recorder = (name: string) => ({
    type: "RecorderEndpoint",
    name,
    options: { uri: name, mediaProfile: name.slice(-3).toUpperCase() },
  });
  const recorders = ["seek.mp4", "seek.mkv"];
  const { player: id, ...ids } = await media.make(
    [player("long.mp4"), ...recorders.map(recorder)],
    recorders.map((sink) => ({ source: "player", sink })),
  );
  for (const name of recorders) await media.call(ids[name], "record");
  const viewer = await watchElement(id);
  const seek = (position: number) => media.rest.patch(`/v1/elements/${id}`, { properties: { position } });
  expect(await seek(5000)).toMatchObject({ status: 409, body: { code: "seek_failed" } });
  await media.call(id, "play");
  await expect.poll(async () => (await media.read(id)).videoInfo, { timeout: 10_000 }).toMatchObject({
    isSeekable: true,
    seekableInit: 0,
    seekableEnd: 20_000,
    duration: 20_000,
  });
  await expect.poll(async () => (await media.read(id)).position).toBeGreaterThan(300);
  expect((await seek(15_000)).status).toBe(200);
  const seen = viewer.video.accessUnits().length;
  await continueUntil("a second after the jump", () => viewer.video.accessUnits().length > seen + fps);
  const { position } = await media.read(id);
  expect(position).toBeGreaterThan(15_000);
  expect(position).toBeLessThan(19_000);
  const { counters } = decodeClip(viewer.video, viewer.audio);
  const jump = counters.findIndex((counter) => counter! > 300);
  // There is a keyframe in 30 pictures; what lies before the position is not sent.
  expect([15 * fps - 1, 15 * fps]).toContain(counters[jump]);
  for (const name of recorders) {
    await media.call(ids[name], "stopAndWait");
    const { pictures, decodeErrors } = await readRecording(`${media.mediaDir}/${name}`);
    const recorded = pictures.map(({ counter }) => counter!);
    const from = recorded.findIndex((counter) => counter > 300);
    expect(recorded[from]).toBe(counters[jump]);
    const whole = (part: number[]) => part.every((counter, index) => counter === part[0] + index);
    expect([whole(recorded.slice(0, from)), whole(recorded.slice(from)), decodeErrors]).toEqual([
      true,
      true,
      0,
    ]);
    expect(recorded.length - from).toBeGreaterThanOrEqual(fps);
  }
  await media.call(id, "pause");
  const paused = (await media.read(id)).position;
  expect((await media.read(id)).position).toBe(paused);
  await media.call(id, "play");
  await expect.poll(async () => (await media.read(id)).position).toBeGreaterThan(paused);
  await media.call(id, "stop");
  expect(await media.read(id)).toMatchObject({ state: "STOP", position: 0 });
  await media.call(id, "play");
  const before = viewer.video.accessUnits().length;
  await continueUntil("pictures from the start", () => viewer.video.accessUnits().length > before + 10);
  expect((await media.read(id)).position).toBeLessThan(5000);
  await viewer.close();
  await media.call(id, "stop");
});

test.concurrent("it is played over and over where that is wished", async () => {
  const { player: id } = await media.make([player("short.mp4", { loop: true })]);
  const viewer = await watchElement(id);
  await media.call(id, "play");
  await continueUntil("a second round", () => viewer.video.accessUnits().length > 100, 15_000);
  const { counters } = decodeClip(viewer.video, viewer.audio);
  expect(counters.slice(70, 80)).toEqual([70, 71, 72, 73, 74, 0, 1, 2, 3, 4]);
  expect(media.heard(id, "EndOfStream")).toEqual([]);
  await viewer.close();
  await media.call(id, "stop");
});

describe.concurrent("what cannot be played is told as an event", () => {
  beforeAll(() => {
    Deno.writeFileSync(`${media.mediaDir}/noise.mp4`, crypto.getRandomValues(new Uint8Array(60_000)));
    Deno.writeFileSync(`${media.mediaDir}/empty.webm`, new Uint8Array());
  });

  test.each([
    ["a file that is not there", "nowhere.mp4", ["RESOURCE_ERROR_OPEN"]],
    ["a file outside the media folder", "file:///etc/passwd", ["INVALID_URI"]],
    ["a file that a path leads out to", "../../etc/passwd", ["INVALID_URI", "RESOURCE_ERROR_OPEN"]],
    ["random bytes", "noise.mp4", ["INVALID_MEDIA"]],
    ["an empty file", "empty.webm", ["INVALID_MEDIA"]],
    ["a scheme that is not allowed", "gopher://example.org/clip", ["INVALID_URI"]],
    ["a host of the private network", "http://127.0.0.1:1/clip.mp4", ["INVALID_URI", "RESOURCE_ERROR_OPEN"]],
    ["a name without an address", "rtsp://nowhere.invalid/live", ["RESOURCE_ERROR_OPEN", "INVALID_URI"]],
    ["text that is no URI", "rtsp://", ["INVALID_URI"]],
  ])("%s", async (_title, uri, kinds) => {
    const { player: id, pipeline } = await media.make([player(uri, { reconnect: false })]);
    await media.call(id, "play");
    const error = await media.event(id, "Error");
    expect(kinds).toContain(error.type);
    expect(error.description).toMatch(/^(Invalid URI|Invalid Media|Error code 5): /);
    await media.event(id, "UriEndpointStateChanged", ({ state }) => state === "STOP");
    expect((await media.read(id)).state).toBe("STOP");
    await media.rest.delete(`/v1/pipelines/${pipeline}`);
  });

  test("a truncated file, after what is left of it was played", async () => {
    await makeClipFile(`${media.mediaDir}/whole.mkv`, {
      width: 320,
      height: 192,
      fps,
      frameCount: 50,
      video: baselineH264,
      audio: null,
    });
    const whole = Deno.readFileSync(`${media.mediaDir}/whole.mkv`);
    Deno.writeFileSync(`${media.mediaDir}/cut.mkv`, whole.subarray(0, Math.round(whole.length * 0.6)));
    const { player: id } = await media.make([player("cut.mkv")]);
    const viewer = await watchElement(id);
    await media.call(id, "play");
    await media.event(id, "EndOfStream");
    const { counters } = decodeClip(viewer.video, viewer.audio);
    expect(counters.length).toBeGreaterThan(15);
    expect(counters.length).toBeLessThan(50);
    expect(counters).toEqual(counters.map((_, index) => index));
    await viewer.close();
  });
});

test("a worker that is killed is replaced, and the file goes on where it was", async () => {
  const { player: id } = await media.make([player("long.mp4")]);
  const viewer = await watchElement(id);
  await media.call(id, "play");
  await continueUntil("two seconds of pictures", () => viewer.video.accessUnits().length > 2 * fps, 15_000);
  for (const pid of workersOf(media.server.pid)) Deno.kill(pid, "SIGKILL");
  await media.event(id, "Error", ({ type }) => type === "UNEXPECTED_ELEMENT_ERROR");
  const seen = viewer.video.accessUnits().length;
  await continueUntil("pictures again", () => viewer.video.accessUnits().length > seen + fps, 15_000);
  await expect.poll(async () => (await media.read(id)).position).toBeGreaterThan(2000);
  expect((await media.read(id)).state).toBe("START");
  await viewer.close();
  await media.call(id, "stop");
});

test("after a kill of the server what played plays again, and what stood still does not", async () => {
  const { player: plays } = await media.make([player("long.mp4", { loop: true })]);
  const { player: stood } = await media.make([player("long.mp4")]);
  await media.call(plays, "play");
  await media.event(plays, "MediaFlowOutStateChanged");
  await media.server.kill();
  await media.server.restart();
  await media.follow();
  expect((await media.read(plays)).state).toBe("START");
  expect((await media.read(stood)).state).toBe("STOP");
  const viewer = await watchElement(plays);
  await continueUntil("pictures", () => viewer.video.accessUnits().length > 10, 15_000);
  await viewer.close();
  await media.call(plays, "stop");
});

/** Child processes of the server. */
function workersOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  const direct = text === "" ? [] : text.split(" ").map(Number);
  return direct.flatMap((child) => [child, ...workersOf(child)]);
}
