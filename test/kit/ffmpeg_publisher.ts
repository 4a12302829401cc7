/**
 * Program: publishes the test clip in real time through FFmpeg's WHIP muxer. A process of its own, so that a crash of
 * FFmpeg is a failed test and not the end of the test runner. Its only argument is a `FfmpegPublishOptions` as JSON;
 * it prints `publishing` when the handshake is done and `published N` at the end.
 */
import process from "node:process";
import { AV_LOG_INFO, FF_COMPLIANCE_EXPERIMENTAL } from "node-av/constants";
import {
  type CodecContext,
  FFmpegError,
  FormatContext,
  Log,
  type Packet,
  Rational,
  type Stream,
} from "node-av/lib";
import { audioFrame, encodeInto, openAudioEncoder, openVideoEncoder, videoFrame } from "./ffmpeg.ts";
import type { FfmpegPublishOptions } from "./publish_by_ffmpeg.ts";

const AUDIO_FRAME_MS = 20;

const options: FfmpegPublishOptions = JSON.parse(Deno.args[0]);
Log.setLevel(AV_LOG_INFO);
await run();
// The native handles are gone with the process; their finalisers would run in an order of their own.
process.exit(0);

async function run(): Promise<void> {
  const output = new FormatContext();
  const code = output.allocOutputContext2(null, "whip", options.whipUrl);
  FFmpegError.throwIfError(code, "open the WHIP muxer");
  output.strictStdCompliance = FF_COMPLIANCE_EXPERIMENTAL;
  for (const [name, value] of Object.entries(options.muxerOptions ?? {})) output.setOption(name, value);
  const video = { encoder: openVideoEncoder(options, "extraData"), stream: output.newStream() };
  const audio = { encoder: openAudioEncoder(), stream: output.newStream() };
  describe(video);
  describe(audio);
  FFmpegError.throwIfError(await output.writeHeader(), "publish");
  console.log("publishing");
  const frames = await writeInRealTime(output, video, audio);
  FFmpegError.throwIfError(await output.writeTrailer(), "end the session");
  console.log(`published ${frames}`);
}

interface Track {
  encoder: CodecContext;
  stream: Stream;
}

function describe(track: Track): void {
  FFmpegError.throwIfError(track.stream.codecpar.fromContext(track.encoder), "describe the stream");
  track.stream.timeBase = track.encoder.timeBase;
}

/** Encodes and writes every frame when its time has come; returns the number of pictures written. */
async function writeInRealTime(output: FormatContext, video: Track, audio: Track): Promise<number> {
  const startMs = performance.now();
  const frameCount = Math.round(options.seconds * options.fps);
  let sounds = 0;
  for (let index = 0; index < frameCount; index++) {
    const dueMs = index * 1000 / options.fps;
    await until(startMs + dueMs);
    for (; sounds * AUDIO_FRAME_MS <= dueMs; sounds++) {
      using frame = audioFrame(sounds);
      encodeInto(audio.encoder, frame, (packet) => write(output, audio, packet));
    }
    using frame = videoFrame(options, index, options.fps);
    encodeInto(video.encoder, frame, (packet) => write(output, video, packet));
  }
  return frameCount;
}

function write(output: FormatContext, track: Track, packet: Packet): void {
  packet.streamIndex = track.stream.index;
  const { num, den } = track.encoder.timeBase;
  packet.rescaleTs(new Rational(num, den), track.stream.timeBase);
  FFmpegError.throwIfError(output.writeFrameSync(packet), "write a packet");
}

async function until(atMs: number): Promise<void> {
  const waitMs = atMs - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
