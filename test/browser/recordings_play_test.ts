import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { RecordProfile } from "../../src/frame/mod.ts";
import { chromiumIsThere, launchChromium } from "../kit/chromium.ts";
import { type EncodableCodec, encodeVideoClip } from "../kit/ffmpeg.ts";
import { playInPage } from "../kit/play_in_page.ts";
import { encodeBeeps } from "../kit/recorder_rig.ts";
import { RtpSource } from "../kit/rtp_source.ts";
import { VirtualRecorder } from "../kit/virtual_recorder.ts";

const size = { width: 192, height: 96 };
const fps = 10;
const SECONDS = 4;

describe.skipIf(!chromiumIsThere())("Chromium plays", () => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  let folder = "";
  let open: VirtualRecorder;

  beforeAll(async () => {
    server = createServer((request, response) =>
      serve(folder, request.url ?? "/", request.headers.range, response)
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  afterEach(() => open?.close());

  async function record(name: string, profile: RecordProfile, shapes: [EncodableCodec, typeof size][]) {
    open = new VirtualRecorder(name, profile);
    folder = open.mediaDir;
    await open.recorder.call("record", {});
    const sources = new Map(shapes.map(([codec], index) => [codec, new RtpSource(codec, index + 1)]));
    const sound = new RtpSource("OPUS", 99);
    const clips = shapes.flatMap(([codec, shape], index) => {
      const frameCount = SECONDS * fps;
      const units = encodeVideoClip({
        ...shape,
        fps,
        frameCount,
        keyframeInterval: 10,
        bitrateBps: 300_000,
        codec,
      });
      const fromMs = index * SECONDS * 1000;
      return units.flatMap((unit) =>
        sources.get(codec)!.packets(unit.bytes, fromMs + unit.ptsMs).map((bytes) => ({
          atMs: fromMs + unit.ptsMs,
          bytes,
        }))
      );
    });
    const beeps = encodeBeeps(SECONDS * 50 * shapes.length);
    await open.run([
      ...clips,
      ...beeps.flatMap(({ bytes, ptsMs }) =>
        sound.packets(bytes, ptsMs).map((packet) => ({ atMs: ptsMs, bytes: packet }))
      ),
    ]);
  }

  const play = (name: string, numbers: number[]) => playInPage(page, `/${name}`, numbers, { size, fps });

  test.each([["WEBM", "VP8"], ["WEBM", "H264"], ["MP4", "H264"], ["MP4", "VP8"], ["FMP4", "H264"]] as const)(
    "%s of %s, with its duration, and finds every moment",
    async (profile, codec) => {
      const name = `a.${profile === "WEBM" ? "webm" : "mp4"}`;
      await record(name, profile, [[codec, size]]);
      await open.stop();
      const played = await play(name, [3, 17, 38, 0]);
      expect(played).toMatchObject({ error: "", width: size.width, counters: [3, 17, 38, 0] });
      expect(Math.abs(played.durationMs - SECONDS * 1000)).toBeLessThan(1000 / fps);
      expect(played.audioBytes).toBeGreaterThan(1000);
    },
    30_000,
  );

  test.each([["WEBM_VIDEO_ONLY", "VP8"], ["MP4_VIDEO_ONLY", "H264"]] as const)(
    "%s of %s, every moment of it",
    async (profile, codec) => {
      const name = `v.${profile.startsWith("WEBM") ? "webm" : "mp4"}`;
      await record(name, profile, [[codec, size]]);
      await open.stop();
      const played = await play(name, [3, 17, 38, 0]);
      expect(played).toMatchObject({ error: "", width: size.width, counters: [3, 17, 38, 0], audioBytes: 0 });
      expect(Math.abs(played.durationMs - SECONDS * 1000)).toBeLessThan(1000 / fps);
    },
    30_000,
  );

  test.each(["WEBM_AUDIO_ONLY", "MP4_AUDIO_ONLY"] as const)("%s, with its duration", async (profile) => {
    const name = `s.${profile.startsWith("WEBM") ? "webm" : "mp4"}`;
    await record(name, profile, [["VP8", size]]);
    await open.stop();
    const played = await play(name, []);
    expect(played).toMatchObject({ error: "", width: 0 });
    expect(Math.abs(played.durationMs - SECONDS * 1000)).toBeLessThan(1000 / fps);
    // Its first second is silent, which takes a few bytes.
    expect(played.audioBytes).toBeGreaterThan(0);
  }, 30_000);

  test("MP4 through changes of the picture's size", async () => {
    await record("b.mp4", "MP4", [["H264", size], ["H264", { width: 384, height: 192 }], ["H264", size]]);
    await open.stop();
    expect(await play("b.mp4", [12, 52, 66, 112, 70])).toMatchObject({
      error: "",
      counters: [12, 12, 26, 32, 30],
    });
  }, 30_000);

  test("MP4 that nobody has ended", async () => {
    await record("c.mp4", "MP4", [["H264", size]]);
    Deno.copyFileSync(open.path("c.mp4"), open.path("broken.mp4"));
    const played = await play("broken.mp4", [3, 17, 27]);
    expect(played).toMatchObject({ error: "", counters: [3, 17, 27] });
    await open.stop();
  }, 30_000);
});

function serve(
  folder: string,
  path: string,
  range: string | undefined,
  response: import("node:http").ServerResponse,
): void {
  if (path === "/" || !/^\/\w+\.\w+$/.test(path)) {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>recordings</title>");
    return;
  }
  const bytes = Deno.readFileSync(folder + path);
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  const [from, to] = match
    ? [Number(match[1]), match[2] ? Number(match[2]) : bytes.length - 1]
    : [0, bytes.length - 1];
  response.writeHead(match ? 206 : 200, {
    "content-type": path.endsWith("webm") ? "video/webm" : "video/mp4",
    "accept-ranges": "bytes",
    "content-length": String(to + 1 - from),
    ...(match ? { "content-range": `bytes ${from}-${to}/${bytes.length}` } : {}),
  });
  response.end(bytes.subarray(from, to + 1));
}
