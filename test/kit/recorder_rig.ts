import { Buffer } from "node:buffer";
import { AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_S16 } from "node-av/constants";
import { Frame, Rational } from "node-av/lib";
import { createLog, systemClock } from "../../src/base/mod.ts";
import {
  type FramePool,
  openFramePool,
  type Program,
  type ProgramEvent,
  type RecordProfile,
  type RecordSpec,
} from "../../src/frame/mod.ts";
import { type EncodedUnit, encodeInto, openAudioEncoder, OPUS_FRAME_SAMPLES } from "./ffmpeg.ts";
import { FramePeer } from "./frame_peer.ts";
import type { RtpSource } from "./rtp_source.ts";
import { continueUntil } from "./until.ts";

/** A recorder in a worker, and its end of the plane. */
export interface RecorderUnderTest {
  program: Program;
  peer: FramePeer;
  events: ProgramEvent[];
  failures: { reason: string; restarting: boolean }[];
  /** Ports that it had: another one after its worker died. */
  opened: number[];
  /** Frames that it has heard of a kind of media so far. */
  framesOf(media: "audio" | "video"): Promise<number>;
}

/** Recorders that share one real worker process. */
export class RecorderRig {
  readonly mediaDir: string;
  readonly #pool: FramePool;
  readonly #peers: FramePeer[] = [];

  constructor(mediaDir = Deno.makeTempDirSync({ prefix: "recorder-" })) {
    this.mediaDir = mediaDir;
    this.#pool = openFramePool({
      clock: systemClock,
      log: createLog("frame"),
      mediaDir,
      maxRssBytes: 1 << 30,
      spare: "never",
    });
  }

  /** `name` below the folder of media, or a whole URI. */
  async open(
    name: string,
    profile: RecordProfile,
    more: Partial<RecordSpec> = {},
  ): Promise<RecorderUnderTest> {
    const uri = name.includes("://") ? name : `file://${this.mediaDir}/${name}`;
    const peer = await FramePeer.open();
    this.#peers.push(peer);
    const events: ProgramEvent[] = [];
    const failures: { reason: string; restarting: boolean }[] = [];
    const opened: number[] = [];
    const program = this.#pool.open("pipeline", recordSpec(uri, profile, this.mediaDir, more), peer.port, {
      opened: (port) => {
        peer.programPort = port;
        opened.push(port);
      },
      event: (event) => events.push(event),
      failed: (reason, restarting) => failures.push({ reason, restarting }),
    });
    await continueUntil("the recorder to open", () => opened.length + failures.length > 0);
    const framesOf = async (media: "audio" | "video") => {
      const { source } = await program.call("stats") as {
        source: Record<string, { frames: number } | undefined>;
      };
      return source[media]?.frames ?? 0;
    };
    return { program, peer, events, failures, opened, framesOf };
  }

  /** Kills the worker as a crash would; the pool starts another. */
  async killWorker(): Promise<void> {
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent !== Deno.pid) continue;
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (line.includes("frame/worker/main.ts")) Deno.kill(Number(name), "SIGKILL");
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
    for (const peer of this.#peers) peer.close();
    await Deno.remove(this.mediaDir, { recursive: true });
  }
}

/** A stream that a rig plays: units at their times. */
export interface PlayedStream {
  source: RtpSource;
  units: EncodedUnit[];
  to: FramePeer[];
}

/** Sends streams at their own pace, with reports of all of them every half second of their time. */
export async function playStreams(streams: PlayedStream[]): Promise<void> {
  const all = streams.flatMap((stream) => stream.units.map((unit) => ({ unit, stream })))
    .sort((a, b) => a.unit.ptsMs - b.unit.ptsMs);
  const startMs = performance.now() - (all[0]?.unit.ptsMs ?? 0);
  let reportedMs = -Infinity;
  for (const { unit, stream } of all) {
    while (performance.now() - startMs < unit.ptsMs) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const packet of stream.source.packets(unit.bytes, unit.ptsMs)) {
      for (const peer of stream.to) peer.send(packet);
    }
    if (unit.ptsMs - reportedMs < 500) continue;
    reportedMs = unit.ptsMs;
    for (const { source, to } of streams) {
      for (const peer of to) peer.send(source.report(unit.ptsMs, 1_700_000_000_000 + unit.ptsMs));
    }
  }
}

export function recordSpec(
  uri: string,
  profile: RecordProfile,
  mediaDir: string,
  more: Partial<RecordSpec> = {},
): RecordSpec {
  return {
    kind: "record",
    uri,
    profile,
    mediaDir,
    allowedSchemes: ["file", "http", "https"],
    allowPrivateHosts: true,
    segmentMs: null,
    segmentBytes: null,
    graceMs: 3000,
    bitrate: { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null },
    s3: null,
    ...more,
  };
}

/** Whether a tone of 100 ms sounds at a moment of the clip: one at every whole second from the first on. */
const isBeeping = (seconds: number) => seconds >= 1 && seconds % 1 < 0.1;

/** Opus frames of 20 ms with a beep at every whole second but the first moment; `ptsMs` counts from 0. */
export function encodeBeeps(frameCount: number): EncodedUnit[] {
  using encoder = openAudioEncoder();
  const units: EncodedUnit[] = [];
  const take = (bytes: Uint8Array) => units.push({ ptsMs: units.length * 20, keyframe: true, bytes });
  for (let index = 0; index < frameCount; index++) {
    const samples = new Int16Array(OPUS_FRAME_SAMPLES * 2);
    for (let at = 0; at < OPUS_FRAME_SAMPLES; at++) {
      const seconds = (index * OPUS_FRAME_SAMPLES + at) / 48_000;
      const value = isBeeping(seconds) ? 12_000 * Math.sin(2 * Math.PI * 1000 * seconds) : 0;
      samples[2 * at] = samples[2 * at + 1] = value;
    }
    using frame = Frame.fromAudioBuffer(Buffer.from(samples.buffer), {
      nbSamples: OPUS_FRAME_SAMPLES,
      format: AV_SAMPLE_FMT_S16,
      sampleRate: 48_000,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase: new Rational(1, 48_000),
      pts: BigInt(index * OPUS_FRAME_SAMPLES),
    });
    encodeInto(encoder, frame, (packet) => take(new Uint8Array(packet.data!)));
  }
  return units;
}
