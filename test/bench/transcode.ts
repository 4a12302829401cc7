import { readFileSync } from "node:fs";
import { type EncodedUnit, encodeVideoClip } from "../kit/ffmpeg.ts";
import { type LibdatachannelViewer, publish, watch } from "../kit/libdatachannel.ts";
import { onFreshServer } from "./fanout.ts";
import type { BenchOptions } from "./options.ts";
import { type BenchedServer, delay } from "./rig/server.ts";
import { round } from "./rig/window.ts";

const size = { width: 1280, height: 720 };
const fps = 30;
const bitrateBps = 2_000_000;
/** Pictures on their way through the server: as many as it never drops, one in the encoder's hands and three that wait. */
const WINDOW = 4;
const ROUNDS = 3;
const STALL_MS = 2000;
const TICKS_PER_SECOND = 100;
/** Until the worker that waits for the next pipeline has started, which is no part of transcoding. */
const SPARE_MS = 4000;
const CLOCK_RATE_KHZ = 90;

/** What ffmpeg's command is told, which is what the server's encoders are set to. */
const conversions = {
  vp8: {
    codec: "VP8",
    settings: "libvpx -threads 1 -deadline realtime -cpu-used -6 -lag-in-frames 0 -auto-alt-ref 0 " +
      "-error-resilient default",
  },
  vp9: {
    codec: "VP9",
    settings: "libvpx-vp9 -threads 2 -deadline realtime -cpu-used 8 -lag-in-frames 0 -row-mt 1 " +
      "-tile-columns 1 -aq-mode 3",
  },
  h265: {
    codec: "H265",
    settings: "libx265 -preset ultrafast -tune zerolatency -forced-idr 1 " +
      "-x265-params bframes=0:repeat-headers=1:scenecut=0:frame-threads=1:pools=2:log-level=none",
  },
} as const;
type Conversion = typeof conversions[keyof typeof conversions];

function conversionTo(name: string): Conversion {
  const found = Object.entries(conversions).find(([known]) => known === name);
  if (!found) throw new Error(`Cannot run: --to is ${name}, it is one of ${Object.keys(conversions)}`);
  return found[1];
}

/**
 * `deno task bench transcode`: H264 to VP8 (or `--to` another) at 720p, through the whole server (WebRTC in, WebRTC out, libdatachannel on
 * both sides) and by the ffmpeg command with the same encoder and settings, one after the other, `--runs` times (3).
 * First as fast as each can, then in real time for `--seconds` (10), for the latency.
 */
export async function transcode(options: BenchOptions): Promise<unknown> {
  const conversion = conversionTo(options.to ?? "vp8");
  const clip = repeated(encodeVideoClip({ ...size, fps, frameCount: 600, keyframeInterval: 60, bitrateBps }));
  const path = Deno.makeTempFileSync({ suffix: ".h264" });
  Deno.writeFileSync(path, new Uint8Array(clip.flatMap(({ bytes }) => [...bytes])));
  try {
    const runs = [];
    for (let run = 0; run < (options.runs ?? 3); run++) {
      const server = await onFreshServer(options, (server) => asFastAsItGoes(server, clip, conversion));
      const ffmpeg = await byFfmpeg(path, clip.length, conversion);
      const beside = await onFreshServer(
        options,
        (other) =>
          besideStream(other, clip, server.framesPerSecond, () => byFfmpeg(path, clip.length, conversion)),
      );
      runs.push({ server, ffmpeg, beside });
    }
    const realTime = clip.slice(0, Math.min(clip.length, (options.seconds ?? 10) * fps));
    return {
      framesPerSecond: ratioOf(
        runs.map(({ server, ffmpeg }) => [server.framesPerSecond, ffmpeg.framesPerSecond]),
      ),
      framesPerSecondBesideGenerator: ratioOf(
        runs.map(({ server, beside }) => [server.framesPerSecond, beside.framesPerSecond]),
      ),
      framesPerCpuSecond: ratioOf(
        runs.map(({ server, ffmpeg }) => [server.framesPerCpuSecond, ffmpeg.framesPerCpuSecond]),
      ),
      realTime: await onFreshServer(options, (server) => inRealTime(server, realTime, conversion)),
    };
  } finally {
    Deno.removeSync(path);
  }
}

/** Long enough that neither V8's compiler at the beginning nor the start of ffmpeg's process counts. */
function repeated(clip: EncodedUnit[]): EncodedUnit[] {
  const lengthMs = clip.length * 1000 / fps;
  return Array.from({ length: ROUNDS }).flatMap((_, round) =>
    clip.map((unit) => ({ ...unit, ptsMs: unit.ptsMs + round * lengthMs }))
  );
}

/** Medians of both and of their ratio, with every run. */
function ratioOf(pairs: [number, number][]) {
  const median = (values: number[]) => round(values.toSorted((a, b) => a - b)[values.length >> 1], 2);
  return {
    server: median(pairs.map(([server]) => server)),
    ffmpeg: median(pairs.map(([, ffmpeg]) => ffmpeg)),
    ratio: median(pairs.map(([server, ffmpeg]) => server / ffmpeg)),
    runs: pairs.map((pair) => pair.map((value) => round(value, 1))),
  };
}

interface Sides {
  publisher: Awaited<ReturnType<typeof publish>>;
  viewer: LibdatachannelViewer;
}

async function openSides(
  { baseUrl }: BenchedServer,
  first: EncodedUnit,
  codec: Conversion["codec"] | "H264",
): Promise<Sides> {
  const publisher = await publish({ whipUrl: `${baseUrl}/whip/bench`, video: [], audio: [] });
  const viewer = await watch({ whepUrl: `${baseUrl}/whep/bench`, codec });
  // The worker starts with the first picture, and is not what is measured.
  for (let i = 0; viewer.video.markerCount === 0; i++) {
    if (i === 100) throw new Error("Cannot measure: nothing came out within 10 s");
    publisher.sendVideo({ ...first, ptsMs: -10_000 + i * 100 });
    await delay(100);
  }
  await delay(SPARE_MS);
  return { publisher, viewer };
}

async function asFastAsItGoes(server: BenchedServer, clip: EncodedUnit[], conversion: Conversion) {
  const { publisher, viewer } = await openSides(server, clip[0], conversion.codec);
  const start = viewer.video.markerCount;
  const cpuBefore = cpuSecondsOf(server.pid);
  const startMs = performance.now();
  let movedMs = startMs;
  let seen = 0;
  for (let sent = 0; sent < clip.length;) {
    const out = viewer.video.markerCount - start;
    if (out !== seen) movedMs = performance.now();
    seen = out;
    if (performance.now() - movedMs > STALL_MS) {
      throw new Error(`Cannot go on: ${sent - out} pictures got lost`);
    }
    if (sent - out < WINDOW) publisher.sendVideo(clip[sent++]);
    else await delay(1);
  }
  while (viewer.video.markerCount - start < clip.length - WINDOW) await delay(1);
  const seconds = (performance.now() - startMs) / 1000;
  const frames = viewer.video.markerCount - start;
  const cpuSeconds = cpuSecondsOf(server.pid) - cpuBefore;
  await Promise.all([publisher.close(), viewer.close()]);
  return { framesPerSecond: frames / seconds, framesPerCpuSecond: frames / cpuSeconds };
}

/**
 * Runs something while generator and viewer do what they do while the server transcodes `perSecond` pictures: they have
 * the same cores. Here the pictures pass untouched.
 */
async function besideStream<T>(
  server: BenchedServer,
  clip: EncodedUnit[],
  perSecond: number,
  run: () => Promise<T>,
): Promise<T> {
  const { publisher, viewer } = await openSides(server, clip[0], "H264");
  let isOver = false;
  const running = run().finally(() => isOver = true);
  const startMs = performance.now();
  for (let sent = 0; !isOver;) {
    const isDue = performance.now() - startMs >= sent * 1000 / perSecond;
    if (isDue) publisher.sendVideo(clip[sent++ % clip.length]);
    else await delay(1);
  }
  const result = await running;
  await Promise.all([publisher.close(), viewer.close()]);
  return result;
}

/** How long pictures take from the publisher's hands to the viewer's, matched by RTP time stamp, and in the worker alone. */
async function inRealTime(server: BenchedServer, clip: EncodedUnit[], conversion: Conversion) {
  const { publisher, viewer } = await openSides(server, clip[0], conversion.codec);
  const origin = await timestampOfStart({ publisher, viewer }, clip[0]);
  const sentMs: number[] = [];
  const startMs = performance.now();
  while (sentMs.length < clip.length) {
    if (performance.now() - startMs >= sentMs.length * 1000 / fps) {
      sentMs.push(performance.now());
      publisher.sendVideo(clip[sentMs.length - 1]);
    }
    await delay(1);
  }
  await delay(STALL_MS);
  const tookMs = sentMs.flatMap((atMs, index) => {
    const timestamp = (origin + Math.round(clip[index].ptsMs * CLOCK_RATE_KHZ)) >>> 0;
    const cameMs = viewer.video.pictureMs.get(timestamp);
    return cameMs === undefined ? [] : [cameMs - atMs];
  });
  const worker = await workerLatency(server);
  await Promise.all([publisher.close(), viewer.close()]);
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor((sorted.length - 1) * share)], 1);
  return {
    sent: sentMs.length,
    received: tookMs.length,
    endToEndMs: { median: at(0.5), p99: at(0.99) },
    worker,
  };
}

/** The RTP time stamp that the viewer sees on what is sent at 0 ms: told by a picture that comes alone. */
async function timestampOfStart({ publisher, viewer }: Sides, picture: EncodedUnit): Promise<number> {
  const before = new Set(viewer.video.pictureMs.keys());
  const ptsMs = -100;
  publisher.sendVideo({ ...picture, ptsMs });
  for (const endMs = performance.now() + STALL_MS; performance.now() < endMs; await delay(5)) {
    const seen = [...viewer.video.pictureMs.keys()].find((timestamp) => !before.has(timestamp));
    if (seen !== undefined) return (seen - ptsMs * CLOCK_RATE_KHZ) >>> 0;
  }
  throw new Error("Cannot measure: a picture that was sent alone did not come");
}

async function workerLatency({ baseUrl }: BenchedServer): Promise<unknown> {
  const { items } = await (await fetch(`${baseUrl}/v1/sessions?kind=whip`)).json();
  const stats = await (await fetch(`${baseUrl}/v1/elements/${items[0].elementId}/stats`)).json();
  // deno-lint-ignore no-explicit-any
  return Object.values<any>(stats).find(({ type }) => type === "encoder")?.latency;
}

/** Of a process and its children so far. */
function cpuSecondsOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(
    Boolean,
  );
  return [pid, ...children].reduce((sum: number, each) => {
    const fields = readFileSync(`/proc/${each}/stat`, "utf8").split(") ")[1].split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

async function byFfmpeg(path: string, frames: number, { settings }: Conversion) {
  const rate = `${["-b:v", "-minrate", "-maxrate"].map((option) => `${option} ${bitrateBps}`).join(" ")} ` +
    `-bufsize ${bitrateBps / 2} -g 300`;
  const args = `-hide_banner -benchmark -r ${fps} -f h264 -i ${path} -an -c:v ${settings} ${rate} -f null -`;
  const { stderr } = await new Deno.Command("ffmpeg", { args: args.split(" ") }).output();
  const text = new TextDecoder().decode(stderr);
  const match = /bench: utime=([\d.]+)s stime=([\d.]+)s rtime=([\d.]+)s/.exec(text);
  if (!match) throw new Error(`Cannot measure ffmpeg: ${text.slice(-500)}`);
  const [user, system, real] = match.slice(1).map(Number);
  return { framesPerSecond: frames / real, framesPerCpuSecond: frames / (user + system) };
}
