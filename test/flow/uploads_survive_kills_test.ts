import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeAudioClip, encodeVideoClip } from "../kit/ffmpeg.ts";
import { publish } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { readRecording, type RecordedFile } from "../kit/recorded_file.ts";
import { continueUntil } from "../kit/until.ts";
import { UploadServer } from "../kit/upload_server.ts";

const fps = 25;
const SECONDS = 20;
const clip = {
  video: encodeVideoClip({
    width: 320,
    height: 192,
    fps,
    frameCount: SECONDS * fps,
    keyframeInterval: fps,
    bitrateBps: 300_000,
  }),
  audio: encodeAudioClip(SECONDS * 50),
};

let media: MediaServer;
let store: UploadServer;
beforeAll(async () => {
  store = await UploadServer.open();
  media = await startMediaServer({ env: { KASKADO_MEDIA_PRIVATE_HOSTS: "true" } });
});
afterAll(async () => {
  await media?.stop();
  await store?.close();
});

const url = (path: string, user = "") => `http://${user}127.0.0.1:${store.port}${path}`;
const recorder = (name: string, uri: string, options: object) => ({
  type: "RecorderEndpoint",
  name,
  options: { uri, ...options },
});

/** A pipeline that records what a publisher sends, from now on. */
async function recording(recorders: ReturnType<typeof recorder>[]) {
  const ids = await media.make(
    [{ type: "WebRtcEndpoint", name: "source" }, ...recorders],
    recorders.map(({ name }) => ({ source: "source", sink: name })),
  );
  for (const { name } of recorders) await media.call(ids[name], "record");
  const whipUrl = `${media.server.baseUrl}/v1/elements/${ids.source}/whip`;
  const publisher = await publish({ whipUrl, ...clip });
  for (const { name } of recorders) await media.event(ids[name], "Recording");
  return { ids, publisher };
}

/** What a player finds in something that was uploaded. */
async function played(body: Uint8Array): Promise<RecordedFile> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, body);
  const file = await readRecording(path);
  await Deno.remove(path);
  return file;
}

const arrived = (path: string, limitMs = 15_000) =>
  continueUntil(
    `${path}; there are ${[...store.taken.keys()]}; ${media.server.log()}`,
    () => store.taken.has(path),
    limitMs,
  );
const pathsOf = (form: RegExp) => [...store.taken.keys()].filter((path) => form.test(path)).sort();
const left = () => [...Deno.readDirSync(`${media.mediaDir}/.uploads`)].map(({ name }) => name);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function expectInOrder({ pictures }: RecordedFile): void {
  expect(pictures.map(({ counter }) => counter)).toEqual(
    pictures.map((_, index) => pictures[0].counter! + index),
  );
}

test("what a killed worker has recorded is uploaded to its last second, and so is what a release breaks off", async () => {
  const { ids, publisher } = await recording([
    recorder("file", url("/a/torn.mkv?key=1", "me:secret@"), { mediaProfile: "MKV" }),
    recorder("hls", url("/b/live.m3u8"), { container: "HLS", segmentMs: 1000 }),
  ]);
  const beganMs = performance.now();
  await arrived("/b/live-00001.ts");
  await sleep(Math.max(0, beganMs + 2600 - performance.now()));
  for (const pid of workersOf(media.server.pid)) Deno.kill(pid, "SIGKILL");
  const recordedMs = performance.now() - beganMs;
  await arrived("/a/torn.mkv?key=1");
  const torn = await played(store.taken.get("/a/torn.mkv?key=1")!);
  expectInOrder(torn);
  expect(torn.decodeErrors).toBe(0);
  expect(torn.pictures.length * 1000 / fps).toBeGreaterThan(recordedMs - 1000);

  await continueUntil("the whole playlist", () => playlist().includes("#EXT-X-ENDLIST"), 15_000);
  const segments = [...playlist().matchAll(/^live-\d+\.ts$/mg)].map(([name]) => name);
  expect(segments.length).toBeGreaterThan(2);
  const shown: (number | null)[] = [];
  for (const name of segments) {
    const { pictures } = await played(store.taken.get(`/b/${name}`)!);
    shown.push(...pictures.map(({ counter }) => counter));
  }
  expect(shown).toEqual(shown.map((_, index) => shown[0]! + index));
  expect(shown.length * 1000 / fps).toBeGreaterThan(recordedMs - 1000);

  // What followed is kept waiting by its server, longer than a release waits for it.
  await sleep(1000);
  store.isSlow = (path) => path.startsWith("/a/");
  expect((await media.rest.delete(`/v1/pipelines/${ids.pipeline}`)).status).toBe(204);
  store.isSlow = () => false;
  await continueUntil("the second file", () => pathsOf(/^\/a\/torn-/).length > 0, 15_000);
  await continueUntil("nothing to be left", () => left().length === 0);
  const [second] = pathsOf(/^\/a\/torn-\d{8}T\d{9}Z\.mkv\?key=1$/);
  const followed = await played(store.taken.get(second)!);
  expectInOrder(followed);
  expect(followed.pictures.length).toBeGreaterThan(fps / 2);
  const attempts = store.uploads.filter(({ path }) => path === second);
  expect(attempts.map(({ body }) => body.length)).toEqual([attempts[0].body.length, attempts[0].body.length]);
  expect(attempts[1].headers.authorization).toBe(attempts[0].headers.authorization);
  expect(media.server.log()).toContain("an element could not finish its work");
  expect(media.server.log()).not.toMatch(/secret|\bat [\w.]+ \(file:/);
  await publisher.close();
});

const playlist = () => new TextDecoder().decode(store.taken.get("/b/live.m3u8"));

test("what a server refused, and what broke off, is uploaded when ours is started again after a kill", async () => {
  const { ids, publisher } = await recording([
    recorder("refused", url("/c/refused.webm"), {}),
    recorder("torn", url("/c/torn.mkv"), { mediaProfile: "MKV" }),
  ]);
  await sleep(1200);
  store.answers.push(403);
  await media.call(ids.refused, "stopAndWait");
  const { description } = await media.event(ids.refused, "Error");
  expect(description).toMatch(/answered 403, the recording is kept in .*\.webm and is sent later$/);
  // A worker that has lost its server has a second to send what it has.
  store.isSlow = (path) => path.startsWith("/c/");
  await media.server.kill();
  await media.server.restart();
  store.isSlow = () => false;
  for (const path of ["/c/refused.webm", "/c/torn.mkv"]) {
    await arrived(path);
    const file = await played(store.taken.get(path)!);
    expectInOrder(file);
    expect(file.pictures.length).toBeGreaterThan(fps / 2);
  }
  await media.rest.delete(`/v1/pipelines/${ids.pipeline}`);
  await continueUntil("nothing to be left", () => left().length === 0);
  await publisher.close();
});

/** Child processes of the server. */
function workersOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  const direct = text === "" ? [] : text.split(" ").map(Number);
  return direct.flatMap((child) => [child, ...workersOf(child)]);
}
