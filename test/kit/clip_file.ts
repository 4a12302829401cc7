import process from "node:process";
import { drawFrame, type PictureSize } from "./clip.ts";

/** A media file of the test clip: the burnt-in counter, and a beep of 100 ms at the start of every second. */
export interface ClipFileOptions extends PictureSize {
  fps: number;
  frameCount: number;
  /** Encoder arguments of the ffmpeg command line; null for no video. */
  video: string[] | null;
  /** Likewise. */
  audio: string[] | null;
  /** Further arguments before the output, for the muxer. */
  format?: string[];
}

const started = new Set<Deno.ChildProcess>();
process.on("exit", () => started.forEach((child) => child.kill("SIGKILL")));

const SAMPLE_RATE = 48_000;
const BEEP_SECONDS = 0.1;

/** H264 as live encoders make it: it can travel by RTP as it is. */
export const plainH264 = [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-bf",
  "0",
  "-g",
  "30",
  "-pix_fmt",
  "yuv420p",
];
/** H264 with pictures out of order. */
export const reorderedH264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "60"];

/** True when the `ffmpeg` command is there; otherwise says so in one line that nobody overlooks. */
export function ffmpegCommandIsThere(): boolean {
  if (["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].some(isFile)) return true;
  const line = "!!! PLAYER TESTS LEFT OUT: no ffmpeg command found (apt-get install ffmpeg) !!!\n";
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  return false;
}

/** Makes the file with Debian's ffmpeg, another FFmpeg than the one under test. */
export async function makeClipFile(path: string, options: ClipFileOptions): Promise<string> {
  const { width, height, fps, video, audio, format = [] } = options;
  const beeps = audio ? await Deno.makeTempFile() : null;
  if (beeps) await Deno.writeFile(beeps, new Uint8Array(drawBeeps(options).buffer));
  const pictures = video
    ? ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`, "-r", String(fps), "-i", "pipe:0"]
    : [];
  const sound = beeps ? ["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "2", "-i", beeps] : [];
  await runFfmpeg(
    [...pictures, ...sound, ...(video ?? []), ...(audio ?? []), ...format, path],
    video ? drawAll(options) : null,
  );
  if (beeps) await Deno.remove(beeps);
  return path;
}

/** Runs ffmpeg to its end; rejects with what it said. */
export async function runFfmpeg(
  args: string[],
  input: AsyncIterable<Uint8Array> | null = null,
): Promise<void> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-loglevel", "error", "-y", ...args],
    stdin: input ? "piped" : "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const fed = input ? feed(child, input) : Promise.resolve();
  const { code, stderr } = await child.output();
  await fed;
  if (code !== 0) throw new Error(`Cannot run ffmpeg ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** An ffmpeg that runs until it is killed, such as one that listens for somebody to play to. */
export function startFfmpeg(args: string[]): { kill(): Promise<void>; ended: Promise<Deno.CommandStatus> } {
  const child = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  started.add(child);
  const ended = child.status.finally(() => started.delete(child));
  const kill = async () => {
    if (started.has(child)) child.kill("SIGKILL");
    await ended;
  };
  return { kill, ended };
}

/** Samples of the clip: silence, and a tone in the first 100 ms of every second. */
function drawBeeps({ frameCount, fps }: ClipFileOptions): Int16Array {
  const samples = new Int16Array(Math.round(SAMPLE_RATE * frameCount / fps) * 2);
  for (let i = 0; i < samples.length / 2; i++) {
    const isLoud = i % SAMPLE_RATE < BEEP_SECONDS * SAMPLE_RATE;
    if (isLoud) samples[2 * i] = samples[2 * i + 1] = 12_000 * Math.sin(2 * Math.PI * 880 * i / SAMPLE_RATE);
  }
  return samples;
}

async function* drawAll({ frameCount, ...size }: ClipFileOptions): AsyncIterable<Uint8Array> {
  for (let index = 0; index < frameCount; index++) yield drawFrame(size, index);
}

async function feed(child: Deno.ChildProcess, input: AsyncIterable<Uint8Array>): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    for await (const piece of input) await writer.write(piece as Uint8Array<ArrayBuffer>);
    await writer.close();
  } catch {
    // It has ended early and says why.
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
