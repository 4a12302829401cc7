import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { readRecording } from "../kit/recorded_file.ts";

const fps = 25;
const size = { width: 192, height: 96 };
/** Characters that mean something in URIs, in names of files. */
const strange = ["Ein Film ü.mkv", "a #1?x=2&b.mkv", "100% sure, 50%.mkv", "%zz 41% é.mkv"];
let media: MediaServer;
let home = "";
beforeAll(async () => {
  home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "kaskado odd ü 5% " }));
  media = await startMediaServer({ env: { KASKADO_MEDIA_DIR: home } });
  const video = [...plainH264, "-profile:v", "baseline"];
  const audio = ["-c:a", "libopus"];
  await makeClipFile(`${home}/clip.mkv`, { ...size, fps, frameCount: 25, video, audio });
  await makeClipFile(`${home}/longer.mkv`, { ...size, fps, frameCount: 250, video, audio });
  for (const name of strange) Deno.copyFileSync(`${home}/clip.mkv`, `${home}/${name}`);
});
afterAll(async () => {
  await media?.stop();
  if (home) Deno.removeSync(home, { recursive: true });
});

const player = (uri: string, options: object = {}) => ({
  type: "PlayerEndpoint",
  name: "player",
  options: { uri, ...options },
});
const recorder = (uri: string, options: object = {}) => ({
  type: "RecorderEndpoint",
  name: "recorder",
  options: { uri, mediaProfile: "MKV", ...options },
});
const fed = [{ source: "player", sink: "recorder" }];
const call = (id: string, operation: string, input: object = {}) =>
  media.rest.post(`/v1/elements/${id}/${operation}`, input);
const seek = (id: string, position: unknown) =>
  media.rest.patch(`/v1/elements/${id}`, { properties: { position } });

/** Of whoever cannot play or record what it was given: the one error, once it stands still. */
async function errorOf(element: { name: string }, operation: string) {
  const made = await media.make([element]);
  const id = made[element.name];
  await media.call(id, operation);
  await media.event(id, "UriEndpointStateChanged", ({ state }) => state === "STOP");
  const told = media.heard(id, "Error");
  expect(told.length).toBe(1);
  await media.rest.delete(`/v1/pipelines/${made.pipeline}`);
  return told[0] as { type: string; description: string };
}

test.concurrent.each(strange)(
  "%s is played, recorded beside itself under a like name, listed and served",
  async (name) => {
    const target = `records/${name}`;
    const ids = await media.make([player(name), recorder(target, { stopOnEndOfStream: true })], fed);
    await media.call(ids.recorder, "record");
    await media.call(ids.player, "play");
    await media.event(ids.recorder, "Stopped");
    expect([ids.player, ids.recorder].flatMap((id) => media.heard(id, "Error"))).toEqual([]);
    const items = (await media.rest.get(`/v1/recordings?element=${ids.recorder}`)).body.items;
    expect(items).toMatchObject([{ name: target, state: "complete" }]);
    const { pictures } = await readRecording(`${home}/${target}`);
    expect(pictures.map(({ counter }) => counter)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    const served = await fetch(`${media.server.baseUrl}/v1/recordings/${encodeURIComponent(target)}/file`);
    expect(new Uint8Array(await served.arrayBuffer())).toEqual(Deno.readFileSync(`${home}/${target}`));
  },
);

describe("what names no medium", () => {
  test("is refused where it can be seen at once", async () => {
    for (const element of [player(""), recorder("")]) {
      expect((await media.rest.post("/v1/pipelines", { elements: [element] })).status).toBe(422);
    }
  });

  test.concurrent.each([
    ["http://169.254.169.254/latest/meta-data/", "INVALID_URI", /private network/],
    ["http://user:p%40ss@[fd00::1]:8080/x.mp4", "INVALID_URI", /private network/],
    ["rtsp://admin:p%40ss@10.0.0.1/cam", "INVALID_URI", /private network/],
    ["http://", "INVALID_URI", /no host/],
    ["file:///etc/passwd", "INVALID_URI", /only those below/],
    [".", "INVALID_URI", /only those below/],
    ["records/../../etc/passwd", "INVALID_URI", /only those below/],
    ["/dev/zero", "INVALID_URI", /only those below/],
    ["nothing\u0000here.mkv", "RESOURCE_ERROR_OPEN", /there is none/],
    ["data:video/mp4;base64,AAAA", "RESOURCE_ERROR_OPEN", /there is none/],
  ])("%j ends a player with %s, without the secrets of it", async (uri, kind, why) => {
    const { type, description } = await errorOf(player(uri), "play");
    expect([type, description]).toEqual([kind, expect.stringMatching(why)]);
    expect(description).not.toMatch(/p%40ss|p@ss/);
  });

  test.concurrent.each([
    ["../out.mkv", "INVALID_URI", /only below/],
    [".", "RESOURCE_ERROR_OPEN", /something other than a file/],
    ["records/", "INVALID_URI", /only below/],
    ["taken", "RESOURCE_ERROR_OPEN", /something other than a file/],
    ["s3://bucket/clip.mkv", "INVALID_URI", /s3/],
    ["http://user:p%40ss@169.254.169.254/clip.mkv", "INVALID_URI", /private network/],
  ])("%j ends a recorder with %s", async (uri, kind, why) => {
    Deno.mkdirSync(`${home}/taken`, { recursive: true });
    const { type, description } = await errorOf(recorder(uri), "record");
    expect([type, description]).toEqual([kind, expect.stringMatching(why)]);
    expect(description).not.toMatch(/p%40ss|p@ss/);
    expect(() => Deno.statSync(`${home}/../out.mkv`)).toThrow();
  });
});

describe("calls in an odd order", () => {
  test("of a player change nothing more than they should", async () => {
    const { player: id, pipeline } = await media.make([player("longer.mkv")]);
    expect(await seek(id, 1000)).toMatchObject({ status: 409, body: { code: "seek_failed" } });
    for (const operation of ["pause", "stop", "stop", "play", "play"]) await media.call(id, operation);
    await expect.poll(async () => (await media.read(id)).videoInfo.duration, { timeout: 10_000 })
      .toBeGreaterThan(9000);
    const longMs = (await media.read(id)).videoInfo.duration;
    for (const position of [longMs + 1, 2 ** 40]) {
      expect(await seek(id, position)).toMatchObject({ status: 409, body: { code: "seek_failed" } });
    }
    for (const position of [-1, 0.5, "soon", null]) expect((await seek(id, position)).status).toBe(422);
    expect((await seek(id, longMs)).status).toBe(200);
    await media.event(id, "EndOfStream");
    expect(await seek(id, 1000)).toMatchObject({ status: 409, body: { code: "seek_failed" } });
    for (const operation of ["play", "pause", "pause"]) await media.call(id, operation);
    await expect.poll(async () => (await media.read(id)).videoInfo.isSeekable, { timeout: 10_000 }).toBe(
      true,
    );
    expect((await seek(id, 5000)).status).toBe(200);
    await expect.poll(async () => (await media.read(id)).position).toBeLessThanOrEqual(5000);
    expect((await media.read(id)).state).toBe("PAUSE");
    for (const operation of ["stop", "stop"]) await media.call(id, operation);
    expect(media.story(id)).toEqual([
      ...["START", "STOP"].map((state) => `UriEndpointStateChanged ${state}`),
      "EndOfStream",
      ...["START", "PAUSE", "STOP"].map((state) => `UriEndpointStateChanged ${state}`),
    ]);
    await media.rest.delete(`/v1/pipelines/${pipeline}`);
    for (const operation of ["play", "stop"]) {
      expect(await call(id, operation)).toMatchObject({ status: 404, body: { code: "element_not_found" } });
    }
    expect((await seek(id, 0)).status).toBe(404);
  });

  test("of a recorder make one file", async () => {
    const ids = await media.make([player("longer.mkv", { loop: true }), recorder("once.mkv")], fed);
    const { recorder: id } = ids;
    for (const operation of ["pause", "stop", "stopAndWait", "record", "record"]) {
      await media.call(id, operation);
    }
    await media.call(ids.player, "play");
    await media.event(id, "Recording");
    await expect.poll(
      async () => (await media.rest.get(`/v1/recordings?element=${id}`)).body.items[0]?.durationMs ?? 0,
      { timeout: 10_000 },
    ).toBeGreaterThan(500);
    await media.call(id, "record");
    await Promise.all(
      ["stop", "stopAndWait", "stopAndWait", "stop", "pause"].map((operation) => media.call(id, operation)),
    );
    await media.call(id, "stopAndWait");
    expect(media.story(id)).toEqual([
      ...["UriEndpointStateChanged START", "Recording", "FileCompleted"],
      ...["UriEndpointStateChanged STOP", "Stopped"],
    ]);
    expect((await media.rest.get(`/v1/recordings?element=${id}`)).body.items).toMatchObject([
      { name: "once.mkv", state: "complete" },
    ]);
    // Released in the middle of waiting, and asked after.
    expect((await media.rest.delete(`/v1/pipelines/${ids.pipeline}`)).status).toBe(204);
    for (const operation of ["record", "stop", "stopAndWait"]) {
      expect(await call(id, operation)).toMatchObject({ status: 404, body: { code: "element_not_found" } });
    }
  });
});
