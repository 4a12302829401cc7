import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from "vitest";
import type { PlaySpec } from "../../src/frame/mod.ts";
import {
  type ClipFileOptions,
  ffmpegCommandIsThere,
  makeClipFile,
  plainH264,
  runFfmpeg,
  startFfmpeg,
} from "../kit/clip_file.ts";
import { freeTcpPort } from "../kit/free_port.ts";
import { LivePage, piecesOf } from "../kit/live_page.ts";
import { openPlayer, type PlayerUnderTest } from "../kit/player.ts";
import { type RtspServer, rtspServerIsThere, startRtspServer } from "../kit/rtsp_server.ts";

// All of it is waiting while small pictures are played in real time.
vi.setConfig({ maxConcurrency: 4 });

const clip = {
  width: 320,
  height: 240,
  fps: 30,
  frameCount: 90,
  video: plainH264,
  audio: ["-c:a", "libopus"],
};
let dir = "";
beforeAll(async () => {
  dir = await Deno.makeTempDir({ prefix: "kaskado_play_" });
});
afterAll(() => Deno.remove(dir, { recursive: true }));

/** A player of the address, until the test is over. */
async function open(
  { onTestFinished }: TestContext,
  uri: string,
  spec: Partial<PlaySpec> = {},
): Promise<PlayerUnderTest> {
  const player = await openPlayer(uri, spec);
  onTestFinished(player.close);
  return player;
}

const make = (name: string, options: Partial<ClipFileOptions> = {}) =>
  makeClipFile(`${dir}/${name}`, { ...clip, ...options });
const countUp = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const framesCame = (player: PlayerUnderTest) => {
  const stream = player.streamOf("video");
  return stream ? new Set(player.peer.of(stream.ssrc).map(({ timestamp }) => timestamp)).size : 0;
};
/** Wall times of the beginnings of beeps, by sender reports. */
function beepsOf({ sounds }: PlayerUnderTest): number[] {
  const heard = sounds();
  return heard.filter(({ energy }, i) => energy > 1 && !(heard[i - 1]?.energy > 1)).map(({ ntpMs }) => ntpMs);
}
const counters = (player: PlayerUnderTest) => player.pictures().map(({ counter }) => counter);

/** Serves files of the folder, with ranges; what `first` answers goes first, or the file after so many milliseconds. */
function serveFolder(
  { onTestFinished }: TestContext,
  first: (request: Request, url: URL) => Response | number | null = () => null,
): string {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const url = new URL(request.url);
    const answer = first(request, url);
    if (answer instanceof Response) return answer;
    if (answer) await new Promise((resolve) => setTimeout(resolve, answer));
    const bytes = await Deno.readFile(`${dir}${decodeURIComponent(url.pathname)}`).catch(() => null);
    if (!bytes) return new Response("", { status: 404 });
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
    if (!range) return new Response(bytes, { headers: { "accept-ranges": "bytes" } });
    const [start, end] = [Number(range[1]), range[2] ? Number(range[2]) + 1 : bytes.length];
    return new Response(bytes.slice(start, end), {
      status: 206,
      headers: { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` },
    });
  });
  onTestFinished(() => server.shutdown());
  return `http://127.0.0.1:${server.addr.port}`;
}

const together = ffmpegCommandIsThere() ? describe.concurrent : describe.skip;

together("by HLS", () => {
  // The longest one goes first.
  test(
    "a playlist that grows is played at its pace; lost, it is opened again, and ends with its end",
    async (context) => {
      const { text, segments } = await makeHls("live", { frameCount: 300 });
      const head = text.slice(0, text.indexOf("#EXTINF"));
      // Five segments at first, one more each second; then it is down until that is noticed, and goes on when the
      // player is back.
      let [known, isDown] = [5, false];
      const isHeld = () =>
        isDown || (player.eventsOf("reconnecting").length > 0 && player.eventsOf("reconnected").length === 0);
      const grow = setInterval(() => known += isHeld() ? 0 : 1, 1000);
      context.onTestFinished(() => clearInterval(grow));
      const base = serveFolder(context, (_, url) => {
        if (isDown) return new Response("", { status: 503 });
        if (!url.pathname.endsWith("list.m3u8")) return null;
        const listed = segments.slice(0, known).map((name) => `#EXTINF:1.0,\n${name}\n`).join("");
        return new Response(head + listed + (known >= segments.length ? "#EXT-X-ENDLIST\n" : ""));
      });
      const player = await open(context, `${base}/live/list.m3u8`);
      await player.program.call("play");
      await player.peer.until("the first second", () => framesCame(player) >= 30, 15_000);
      expect(await player.program.call("videoInfo")).toMatchObject({ isSeekable: false, durationMs: 0 });
      isDown = true;
      await player.untilEvent("reconnecting", 20_000);
      isDown = false;
      await player.untilEvent("reconnected", 20_000);
      await player.untilEvent("endOfStream", 30_000);
      const shown = counters(player) as number[];
      const jumps = shown.slice(1).filter((counter, index) => counter !== shown[index] + 1);
      // It begins three segments before the end of what there is, and so it does after the loss.
      expect(shown[0] % 30).toBe(0);
      expect(shown.at(-1)).toBe(299);
      expect(jumps.length).toBeLessThanOrEqual(1);
      expect(player.eventsOf("reconnecting").length).toBeGreaterThan(0);
      expect(player.eventsOf("reconnected").length).toBe(1);
      expect(player.states()).toEqual(["playing", "stopped"]);
      expect(player.eventsOf("error")).toEqual([]);
    },
    60_000,
  );

  test("a finished playlist is played to its end, and has positions", async (context) => {
    await makeHls("vod");
    const player = await open(context, `${serveFolder(context)}/vod/list.m3u8`);
    await player.program.call("play");
    await player.peer.until("pictures", () => framesCame(player) > 0);
    const { isSeekable, durationMs } = await player.program.call("videoInfo") as Record<string, unknown>;
    expect(isSeekable).toBe(true);
    expect(Math.abs(durationMs as number - 3000)).toBeLessThan(50);
    await player.untilEvent("endOfStream");
    expect(counters(player)).toEqual(countUp(90));
    const beeps = beepsOf(player);
    expect(beeps.length).toBe(3);
    beeps.forEach((beep, i) => expect(Math.abs(beep - player.pictures()[i * 30].ntpMs)).toBeLessThan(45));
  });

  // A machine that is busy with something else hesitates too.
  test("a server that hesitates before every segment is not noticed", async (context) => {
    await makeHls("slow");
    const base = serveFolder(context, (_, url) => url.pathname.endsWith(".ts") ? 600 : null);
    const player = await open(context, `${base}/slow/list.m3u8`);
    await player.program.call("play");
    await player.untilEvent("endOfStream", 15_000);
    const pictures = player.pictures();
    expect(pictures.length).toBe(90);
    const lateness = pictures.map(({ atMs, ntpMs }) => atMs - ntpMs - (pictures[0].atMs - pictures[0].ntpMs));
    // The first pictures of the second and the third segment.
    for (const from of [30, 60]) {
      const [, , median] = lateness.slice(from, from + 5).sort((a, b) => a - b);
      expect(median).toBeLessThan(400);
    }
  });
});

together("by HTTP", () => {
  test("a file is played whole, with a password and a name of special characters", async (context) => {
    const path = "ein Film, 50% fertig & schön?.mp4";
    await make(path);
    const asked: (string | null)[] = [];
    const base = serveFolder(context, (request) => {
      asked.push(request.headers.get("authorization"));
      if (request.headers.get("authorization")) return null;
      return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="films"' } });
    });
    const address = base.replace("http://", "http://user:p@ss:w#rd%@");
    const player = await open(context, `${address}/${encodeURIComponent(path)}`);
    await player.program.call("play");
    await player.untilEvent("endOfStream");
    expect(counters(player)).toEqual(countUp(90));
    expect(asked).toContain(`Basic ${btoa("user:p@ss:w#rd%")}`);
    expect(player.eventsOf("error")).toEqual([]);
  });

  test(
    "a stream without a length that falls silent is opened again after ten seconds, or has broken off",
    async (context) => {
      const bytes = await Deno.readFile(await make("silent.ts", { frameCount: 150, audio: ["-c:a", "aac"] }));
      const pieces = piecesOf(bytes, 100, 188);
      const page = await LivePage.open({ pieces, periodMs: 50, fields: ["Transfer-Encoding: chunked"] });
      context.onTestFinished(() => page.stop());
      const kept = await open(context, page.url);
      const left = await open(context, page.url, { reconnect: false });
      for (const player of [kept, left]) await player.program.call("play");
      for (const player of [kept, left]) await player.peer.until("pictures", () => framesCame(player) >= 15);
      page.isSilent = true;
      await kept.untilEvent("reconnecting", 15_000);
      page.isSilent = false;
      await kept.untilEvent("reconnected", 15_000);
      await left.untilEvent("endOfStream", 15_000);
      expect(kept.eventsOf("error")).toEqual([]);
      expect(left.eventsOf("reconnecting")).toEqual([]);
      expect(left.eventsOf("error").map(({ kind }) => kind)).toEqual(["RESOURCE_ERROR_READ"]);
    },
    60_000,
  );

  test("positions are reached by ranges", async (context) => {
    await make("seek.mp4", { frameCount: 300 });
    const player = await open(context, `${serveFolder(context)}/seek.mp4`);
    await player.program.call("play");
    await player.program.call("seek", { positionMs: 8000 });
    await player.untilEvent("endOfStream");
    expect(counters(player).slice(-60)).toEqual(countUp(60, 240));
  });
});

(rtspServerIsThere() ? together : describe.skip)("by RTSP", () => {
  test("a source is played, killed, started again: the streams go on", async (context) => {
    const path = await make("rtsp.mkv", { frameCount: 390 });
    const port = freeTcpPort();
    let server: RtspServer = await startRtspServer(port, path, ["ad min", "p@ss:w#rd%"]);
    context.onTestFinished(() => server.kill());
    const player = await open(context, `rtsp://ad min:p@ss:w#rd%@127.0.0.1:${port}/clip`);
    await player.program.call("play");
    await player.peer.until("pictures", () => framesCame(player) >= 60);
    await server.kill();
    await player.untilEvent("reconnecting");
    expect(await player.program.call("videoInfo")).toMatchObject({ isSeekable: false });
    const before = framesCame(player);
    server = await startRtspServer(port, path, ["ad min", "p@ss:w#rd%"]);
    await player.untilEvent("reconnected", 20_000);
    await player.peer.until("pictures again", () => framesCame(player) >= before + 60);
    const shown = counters(player);
    expect(shown.slice(0, before)).toEqual(countUp(before, shown[0]!));
    expect(shown.slice(before)).toEqual(countUp(shown.length - before, shown[before]!));
    expect(player.eventsOf("stream").map(({ media }) => media)).toEqual(["video", "audio"]);
    expect(player.eventsOf("reconnecting").map(({ attempt }) => attempt)).toEqual(
      countUp(player.eventsOf("reconnecting").length, 1),
    );
    expect(player.states()).toEqual(["playing"]);
    expect(player.eventsOf("error")).toEqual([]);
    // In step before and after; at the edges one of the two may be missing.
    const flashes = player.pictures().filter(({ counter }) => counter! % 30 === 0);
    const offsets = beepsOf(player).map((beep) =>
      Math.min(...flashes.map(({ ntpMs }) => Math.abs(ntpMs - beep)))
    );
    const inStep = offsets.filter((offsetMs) => offsetMs < 45);
    expect(inStep.length).toBeGreaterThanOrEqual(4);
    expect(offsets.filter((offsetMs) => offsetMs < 700)).toEqual(inStep);
  });

  test("a recording ends where it said that it would", async (context) => {
    const server = await startRtspServer(freeTcpPort(), await make("recording.mkv"));
    context.onTestFinished(() => server.kill());
    const player = await open(context, `rtsp://127.0.0.1:${server.port}/clip`);
    await player.program.call("play");
    await player.peer.until("pictures", () => framesCame(player) > 0);
    const { durationMs } = await player.program.call("videoInfo") as { durationMs: number };
    expect(Math.abs(durationMs - 3000)).toBeLessThan(50);
    await player.untilEvent("endOfStream", 15_000);
    expect(counters(player).at(-1)).toBeGreaterThan(80);
    expect(player.eventsOf("reconnecting")).toEqual([]);
  });

  test("a source that went away in a pause is waited for", async (context) => {
    const path = await make("paused.mkv", { frameCount: 390 });
    const port = freeTcpPort();
    const server = await startRtspServer(port, path, ["admin", "secret"]);
    context.onTestFinished(() => server.kill());
    const player = await open(context, `rtsp://admin:secret@127.0.0.1:${port}/clip`);
    await player.program.call("play");
    await player.peer.until("pictures", () => framesCame(player) >= 10);
    await player.program.call("pause");
    await server.kill();
    await player.program.call("play");
    await player.untilEvent("reconnecting");
    expect(player.eventsOf("error")).toEqual([]);
    expect(player.states()).toEqual(["playing", "paused", "playing"]);
  });
});

together("by SRT and RTMP", () => {
  test.for<[string, string, (port: number) => string[]]>([
    ["srt", "mpegts", (port: number) => [`srt://127.0.0.1:${port}?mode=listener`]],
    ["rtmp", "flv", (port: number) => ["-listen", "1", `rtmp://127.0.0.1:${port}/live/clip`]],
  ])(
    "%s is played, and its end is one where nothing is to be opened again",
    async ([scheme, format, listen], context) => {
      const path = await make(`${scheme}.mkv`, { audio: ["-c:a", "aac"] });
      const port = freeTcpPort();
      const server = startFfmpeg(["-re", "-i", path, "-c", "copy", "-f", format, ...listen(port)]);
      context.onTestFinished(() => server.kill());
      const uri = `${scheme}://127.0.0.1:${port}${scheme === "rtmp" ? "/live/clip" : ""}`;
      const player = await open(context, uri, { reconnect: false });
      // The server needs a moment before it listens.
      await player.peer.until("the server", () => {
        if (player.states().at(-1) !== "playing") void player.program.call("play");
        return framesCame(player) > 0;
      });
      await player.untilEvent("endOfStream", 15_000);
      const shown = counters(player);
      expect(shown.length).toBeGreaterThan(60);
      expect(shown).toEqual(countUp(shown.length, shown[0]!));
      // Who sends by SRT does not wait until the last packets are there.
      expect(shown.at(-1)).toBeGreaterThan(80);
      expect(player.streamOf("audio")?.format.codec).toBe("OPUS");
      expect(beepsOf(player).length).toBeGreaterThanOrEqual(2);
    },
  );
});

/** The clip as a finished playlist with segments of a second. */
async function makeHls(
  name: string,
  options: Partial<ClipFileOptions> = {},
): Promise<{ text: string; segments: string[] }> {
  await Deno.mkdir(`${dir}/${name}`, { recursive: true });
  const path = await make(`${name}.mkv`, { audio: ["-c:a", "aac"], ...options });
  await runFfmpeg([
    ...["-i", path, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0"],
    `${dir}/${name}/list.m3u8`,
  ]);
  const text = await Deno.readTextFile(`${dir}/${name}/list.m3u8`);
  return { text, segments: text.split("\n").filter((line) => line.endsWith(".ts")) };
}
