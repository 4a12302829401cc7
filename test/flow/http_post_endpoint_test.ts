import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { decodeClip } from "../interop/received_clip.ts";
import { makeClipFile, plainH264, runFfmpeg, startFfmpeg } from "../kit/clip_file.ts";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { type LibdatachannelViewer, watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { continueUntil } from "../kit/until.ts";

// Most of it is waiting while small pictures are played in real time.
vi.setConfig({ maxConcurrency: 4 });

const fps = 25;
/** Pictures of what is called a clip: two seconds. */
const CLIP = 50;
const folder = Deno.makeTempDirSync({ prefix: "kaskado_post_" });
const size = { width: 320, height: 192, fps };
const video = [...plainH264, "-profile:v", "baseline"];
const opus = ["-c:a", "libopus"];
let media: MediaServer;
beforeAll(async () => {
  media = await startMediaServer();
  await makeClipFile(`${folder}/clip.mkv`, { ...size, frameCount: CLIP, video, audio: opus });
  await makeClipFile(`${folder}/middle.mkv`, { ...size, frameCount: 150, video, audio: opus });
  await makeClipFile(`${folder}/long.mkv`, { ...size, frameCount: 500, video, audio: opus });
  const vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M"];
  await makeClipFile(`${folder}/clip.webm`, { ...size, frameCount: CLIP, video: vp8, audio: opus });
  const fragmented = ["-movflags", "frag_keyframe+empty_moov"];
  const aac = ["-c:a", "aac"];
  await makeClipFile(`${folder}/clip.mp4`, {
    ...size,
    frameCount: CLIP,
    video,
    audio: aac,
    format: fragmented,
  });
  await makeClipFile(`${folder}/index_at_end.mp4`, { ...size, frameCount: CLIP, video, audio: aac });
});
afterAll(async () => {
  await media?.stop();
  Deno.removeSync(folder, { recursive: true });
});

const post = (options: object = {}) => ({ type: "HttpPostEndpoint", name: "post", options });
const bytesOf = (name: string) => Deno.readFileSync(`${folder}/${name}`);
const watchElement = (id: string, codec?: "VP8") =>
  watch({ whepUrl: `${media.server.baseUrl}/v1/elements/${id}/whep`, ...(codec && { codec }) });
/** A new endpoint and the URL that it gives. */
async function endpoint(options: object = {}): Promise<{ id: string; url: string }> {
  const { post: id } = await media.make([post(options)]);
  return { id, url: await media.call(id, "getUrl") };
}
/** The same place at the port of all doors. */
const atMainPort = (url: string) => `${media.server.baseUrl}${new URL(url).pathname}`;
const send = (url: string, body: BodyInit) => fetch(url, { method: "POST", body });
async function curl(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("curl", { args: ["-s", "-w", "%{http_code}", ...args] }).output();
  return new TextDecoder().decode(stdout);
}
async function expectClip(
  viewer: LibdatachannelViewer,
  frameCount: number,
  codec: "H264" | "VP8" = "H264",
): Promise<void> {
  // The end of the media and its last packet come by different ways; what is missing shows below.
  await continueUntil("the last picture", () => viewer.video.markerCount >= frameCount, 2000).catch(() => {});
  const { counters, worstPsnr } = decodeClip(viewer.video, viewer.audio, codec);
  expect(counters).toEqual(Array.from({ length: frameCount }, (_, index) => index));
  expect(worstPsnr).toBeGreaterThan(25);
}
/** Events of the session and its media, in their order. */
const session = (id: string) =>
  ["MediaSessionStarted", "EndOfStream", "MediaSessionTerminated"].map((type) =>
    media.heard(id, type).length
  );
const counterOf = (viewer: LibdatachannelViewer) => viewer.video.accessUnits().length;

test("what FFmpeg posts as it makes it is seen by a viewer, and the session is told from its beginning to its end", async () => {
  const { id, url } = await endpoint();
  const viewer = await watchElement(id);
  await runFfmpeg(["-re", "-i", `${folder}/clip.mkv`, "-c", "copy", "-f", "mpegts", "-method", "POST", url]);
  expect(session(id).slice(0, 1)).toEqual([1]);
  await media.event(id, "MediaSessionTerminated");
  await expectClip(viewer, CLIP);
  expect(session(id)).toEqual([1, 1, 1]);
  const flows = media.heard(id, "MediaFlowOutStateChanged").slice(0, 2);
  expect(flows.map(({ state, mediaType }) => `${mediaType} ${state}`).toSorted()).toEqual([
    "AUDIO FLOWING",
    "VIDEO FLOWING",
  ]);
  await viewer.close();
});

test.concurrent("what FFmpeg posts faster than it is played, and without waiting for the answer, is played whole", async () => {
  const { id, url } = await endpoint();
  const viewer = await watchElement(id);
  await runFfmpeg(["-i", `${folder}/clip.mkv`, "-c", "copy", "-f", "matroska", "-method", "POST", url]);
  expect(counterOf(viewer)).toBeLessThan(CLIP);
  await media.event(id, "EndOfStream");
  await expectClip(viewer, CLIP);
  expect(media.heard(id, "Error")).toEqual([]);
  await viewer.close();
});

test.concurrent("files that curl and a browser's form send are played at their own pace, one after the other", async () => {
  const { id, url } = await endpoint({ disconnectionTimeout: 1 });
  const viewer = await watchElement(id);
  const startedMs = performance.now();
  // The answer comes when the body is read; what follows waits until its turn.
  expect(await curl("-T", `${folder}/clip.mp4`, url)).toBe("204");
  expect(await curl("-X", "POST", "--data-binary", `@${folder}/clip.mkv`, atMainPort(url))).toBe("204");
  const form = new FormData();
  form.append("title", "two seconds");
  // A field that the user left alone, and one for programs.
  form.append("cover", new File([], ""));
  form.append("about", new Blob(['{"fps":25}'], { type: "application/json" }), "about.json");
  form.append("file", new Blob([bytesOf("clip.mkv")]), "clip.mkv");
  form.append("after", "x".repeat(100_000));
  expect((await send(url, form)).status).toBe(204);
  await media.event(id, "MediaSessionTerminated");
  expect(performance.now() - startedMs).toBeGreaterThan(5900);
  const { counters } = decodeClip(viewer.video, viewer.audio);
  const clip = Array.from({ length: CLIP }, (_, index) => index);
  expect(counters).toEqual([...clip, ...clip, ...clip]);
  expect(session(id)).toEqual([1, 3, 1]);
  await viewer.close();
});

test.concurrent("MP4 whose index comes last is played once it is there", async () => {
  const { id, url } = await endpoint();
  const viewer = await watchElement(id);
  expect((await send(url, bytesOf("index_at_end.mp4"))).status).toBe(204);
  await media.event(id, "EndOfStream");
  await expectClip(viewer, CLIP);
  await viewer.close();
});

test.concurrent("VP8 in WebM reaches a viewer untouched, by the URL that Kurento's door gives, whose client hears the events", async () => {
  const door = await openJsonRpc(media.server.baseUrl);
  const pipeline = await door.value("create", { type: "MediaPipeline" });
  const id = await door.value("create", {
    type: "HttpPostEndpoint",
    constructorParams: { mediaPipeline: pipeline, disconnectionTimeout: 1 },
  });
  const types = ["MediaSessionStarted", "EndOfStream", "MediaSessionTerminated"];
  for (const type of types) await door.value("subscribe", { object: id, type });
  const url = await door.value("invoke", { object: id, operation: "getUrl" });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/post\/[0-9a-f-]{36}$/);
  const viewer = await watchElement(url.split("/").at(-1)!, "VP8");
  expect((await send(url, bytesOf("clip.webm"))).status).toBe(204);
  for (const type of types) {
    const { params: { value } } = await door.next(({ method }) => method === "onEvent");
    expect(value).toMatchObject({ type, object: id });
  }
  await expectClip(viewer, CLIP, "VP8");
  await viewer.close();
  await door.value("release", { object: pipeline });
  expect((await send(url, bytesOf("clip.webm"))).status).toBe(404);
  door.close();
});

test.concurrent("a client that sends faster than real time is held back", async () => {
  const { id, url } = await endpoint();
  const viewer = await watchElement(id);
  // Six seconds, and as much behind them as is taken.
  let sentBytes = 0;
  const parts = [bytesOf("middle.mkv")];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = parts.shift() ?? new Uint8Array(65_536);
      sentBytes += next.length;
      controller.enqueue(next);
    },
  });
  const aborted = new AbortController();
  const sending = fetch(url, { method: "POST", body, signal: aborted.signal }).catch(() => null);
  await continueUntil("pictures", () => counterOf(viewer) > 30);
  expect(sentBytes).toBeLessThan(40_000_000);
  expect(media.server.rssBytes()).toBeLessThan(600_000_000);
  aborted.abort();
  await sending;
  // It has gone in the middle: that is said, and what came of it is played.
  expect(await media.event(id, "Error")).toMatchObject({ type: "STREAM_ERROR_FAILED" });
  await viewer.close();
});

test.concurrent("a client that sends slowly is played as it comes", async () => {
  const { id, url } = await endpoint();
  const viewer = await watchElement(id);
  const clip = bytesOf("clip.mkv");
  const piece = Math.ceil(clip.length / 60);
  let at = 0;
  const trickle = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (at >= clip.length) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      controller.enqueue(clip.subarray(at, at += piece));
    },
  });
  const answer = send(url, trickle as unknown as BodyInit);
  await continueUntil("pictures before the end", () => counterOf(viewer) > 10);
  expect(at).toBeLessThan(clip.length);
  expect((await answer).status).toBe(204);
  await media.event(id, "EndOfStream");
  await expectClip(viewer, CLIP);
  await viewer.close();
});

describe.concurrent("what cannot be taken is told to the client and as an event", () => {
  test.each([
    ["random bytes", () => crypto.getRandomValues(new Uint8Array(60_000))],
    ["nothing", () => new Uint8Array()],
    ["text", () => new TextEncoder().encode("hello, this is no media\n".repeat(100))],
  ])("%s", async (_title, bytes) => {
    const { id, url } = await endpoint({ disconnectionTimeout: 0 });
    const response = await send(url, bytes());
    expect(response.status).toBe(422);
    expect((await response.json()).code).toBe("media_invalid");
    expect((await media.event(id, "Error")).type).toBe("INVALID_MEDIA");
    await media.event(id, "MediaSessionTerminated");
    // The endpoint takes the next one.
    expect((await send(url, bytesOf("clip.mkv"))).status).toBe(204);
    await media.event(id, "EndOfStream");
  });

  test("lists of other places, to none of which anybody goes", async () => {
    const asked: string[] = [];
    const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const other = Deno.serve(place, ({ url }) => {
      asked.push(url);
      return new Response(bytesOf("clip.mkv"));
    });
    const to = `http://127.0.0.1:${other.addr.port}/clip.mkv`;
    const { id, url } = await endpoint();
    for (
      const list of [
        `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${to}\n#EXT-X-ENDLIST\n`,
        `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${to}\n`,
        `ffconcat version 1.0\nfile '${to}'\n`,
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${to}</BaseURL></MPD>`,
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
      ]
    ) expect((await send(url, list)).status, list).toBe(422);
    // Events come by another way than answers.
    await continueUntil("all errors", () => media.heard(id, "Error").length >= 5);
    expect(media.heard(id, "Error").map(({ type }) => type)).toEqual(Array(5).fill("INVALID_MEDIA"));
    expect(asked).toEqual([]);
    await other.shutdown();
  });

  test("a second client while one is sending, a form without a file, a coded body, and a URL that nobody gave", async () => {
    const { id, url } = await endpoint();
    const live = startFfmpeg([
      "-re",
      "-i",
      `${folder}/long.mkv`,
      "-c",
      "copy",
      "-f",
      "mpegts",
      "-method",
      "POST",
      url,
    ]);
    await media.event(id, "MediaFlowOutStateChanged");
    const refused = await send(url, bytesOf("clip.mkv"));
    expect([refused.status, (await refused.json()).code]).toEqual([409, "body_in_flight"]);
    await live.kill();
    await media.event(id, "EndOfStream");
    // FFmpeg that is killed goes without a farewell.
    expect(media.heard(id, "Error").map(({ type }) => type)).toEqual(["STREAM_ERROR_FAILED"]);
    const form = new FormData();
    form.append("title", "no file");
    expect((await send(url, form)).status).toBe(400);
    expect((await fetch(url, { method: "POST", body: "x", headers: { "Content-Encoding": "gzip" } })).status)
      .toBe(415);
    expect((await send(`${media.server.baseUrl}/post/nobody`, "x")).status).toBe(404);
    const { player } = await media.make([{
      type: "PlayerEndpoint",
      name: "player",
      options: { uri: "x.mkv" },
    }]);
    expect((await send(`${media.server.baseUrl}/post/${player}`, "x")).status).toBe(404);
    expect((await fetch(url)).status).toBe(405);
  });

  test("an endpoint that is released while a client sends", async () => {
    const { id, url } = await endpoint();
    const live = send(url, (await Deno.open(`${folder}/long.mkv`)).readable as unknown as BodyInit);
    await media.event(id, "MediaFlowOutStateChanged");
    const waiting = send(url, bytesOf("clip.mkv"));
    expect((await media.rest.delete(`/v1/elements/${id}`)).status).toBe(204);
    // It may come when all is over: the release takes another connection.
    expect([404, 409, 503]).toContain((await waiting).status);
    expect([204, 503]).toContain((await live).status);
  });
});

test.concurrent("pages of other origins may send", async () => {
  const { url } = await endpoint();
  const headers = { Origin: "https://app.example", "Access-Control-Request-Method": "POST" };
  const preflight = await fetch(url, { method: "OPTIONS", headers });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("POST");
});

test("a worker that is killed costs the body that it plays, and the next one is played by another", async () => {
  const { id, url } = await endpoint();
  const viewer = await watchElement(id);
  const playing = send(url, Deno.openSync(`${folder}/long.mkv`).readable as unknown as BodyInit);
  await continueUntil("pictures", () => counterOf(viewer) > 5);
  killWorkersOf(media.server.pid);
  expect(await media.event(id, "Error")).toMatchObject({ type: "UNEXPECTED_ELEMENT_ERROR" });
  expect([204, 503]).toContain((await playing).status);
  const seen = counterOf(viewer);
  expect((await send(url, bytesOf("clip.mkv"))).status).toBe(204);
  await continueUntil("pictures of the next", () => counterOf(viewer) >= seen + CLIP);
  await viewer.close();
});

/** Kills every frame worker among the children of a process, as a crash would. */
function killWorkersOf(parent: number): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== parent) continue;
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (line.includes("frame/worker/main.ts")) Deno.kill(Number(name), "SIGKILL");
    } catch {
      // It was gone before.
    }
  }
}
