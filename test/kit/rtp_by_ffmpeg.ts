import process from "node:process";
import { type PictureSize, readFrameCounter } from "./clip.ts";

/** Where ffmpeg sends one kind of media. */
export interface RtpTarget {
  host?: string;
  port: number;
  /** The port after that of the media without it. */
  rtcpPort?: number;
  payloadType: number;
  /** Suite by ffmpeg's name, key and salt in base64. */
  srtp?: { suite: string; key: string };
}

/** A process that runs until it is told to end. */
export interface RtpProcess {
  /** Everything it said on stderr. */
  log(): string;
  /** Resolves when it has ended by itself or by `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** A decoder of what comes by RTP. */
export interface RtpViewer extends RtpProcess {
  /** The number burnt into each decoded picture, in the order of decoding; null where it could not be read. */
  readonly counters: (number | null)[];
}

const running = new Set<Deno.ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Sends a file in real time, its streams as they are, each by RTP to its target. */
export function sendByFfmpeg(
  file: string,
  targets: { video?: RtpTarget; audio?: RtpTarget },
): RtpProcess {
  const outputs = (["video", "audio"] as const).flatMap((kind) => {
    const target = targets[kind];
    return target ? ["-map", `0:${kind[0]}`, "-c", "copy", ...outputOf(target)] : [];
  });
  return startProcess("ffmpeg", [...quiet, "-re", "-i", file, ...outputs]);
}

/** The a=fmtp line, for payload type 96, by which ffmpeg describes the video of a file. */
export async function parametersByFfmpeg(file: string): Promise<string> {
  const sdpFile = await Deno.makeTempFile({ suffix: ".sdp" });
  const output = ["-map", "0:v", "-c", "copy", "-t", "0.1", "-f", "rtp", "-sdp_file", sdpFile];
  await startProcess("ffmpeg", [...quiet, "-i", file, ...output, "rtp://127.0.0.1:9"]).ended;
  const sdp = await Deno.readTextFile(sdpFile);
  await Deno.remove(sdpFile);
  return /^a=fmtp:96 .*$/m.exec(sdp)![0].trim();
}

/** Decodes the video that a description says will come, and what of audio `audioFile` is for. */
export async function watchByFfmpeg(sdp: string, size: PictureSize, audioFile?: string): Promise<RtpViewer> {
  const file = await Deno.makeTempFile({ suffix: ".sdp" });
  await Deno.writeTextFile(file, sdp);
  const audio = audioFile ? ["-map", "0:a", "-f", "s16le", "-ac", "2", "-ar", "48000", audioFile] : [];
  return watchPictures("ffmpeg", [
    ...quiet,
    "-protocol_whitelist",
    "file,udp,rtp,srtp",
    // A busy machine must not lose packets here.
    "-buffer_size",
    "4000000",
    "-reorder_queue_size",
    "0",
    "-i",
    file,
    "-map",
    "0:v",
    "-fps_mode",
    "passthrough",
    "-f",
    "rawvideo",
    "-pix_fmt",
    "yuv420p",
    "pipe:1",
    ...audio,
  ], size);
}

/** A process that writes I420 pictures of the test clip to its stdout. */
export function watchPictures(command: string, args: string[], size: PictureSize): RtpViewer {
  const pictureBytes = size.width * size.height * 3 / 2;
  const counters: (number | null)[] = [];
  let pending = new Uint8Array(0);
  const take = (bytes: Uint8Array) => {
    const all = new Uint8Array(pending.length + bytes.length);
    all.set(pending);
    all.set(bytes, pending.length);
    let at = 0;
    for (; at + pictureBytes <= all.length; at += pictureBytes) {
      counters.push(readFrameCounter(all.subarray(at, at + pictureBytes), size));
    }
    pending = all.slice(at);
  };
  return { ...startProcess(command, args, take), counters };
}

/** Runs a command; what it writes to stdout goes to `take`. */
export function startProcess(
  command: string,
  args: string[],
  take?: (bytes: Uint8Array) => void,
): RtpProcess {
  const stdout = take ? "piped" : "null";
  const child = new Deno.Command(command, { args, stdin: "null", stdout, stderr: "piped" }).spawn();
  running.add(child);
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const taking = (async () => {
    if (take) { for await (const bytes of child.stdout) take(bytes); }
  })();
  const ended = child.status.then(async () => {
    running.delete(child);
    await Promise.all([reading, taking]);
  });
  const stop = async () => {
    if (running.has(child)) child.kill("SIGINT");
    const timer = setTimeout(() => running.has(child) && child.kill("SIGKILL"), 1500);
    await ended;
    clearTimeout(timer);
  };
  return { log: () => log, ended, stop };
}

const quiet = ["-hide_banner", "-loglevel", "warning", "-nostdin", "-y"];

function outputOf({ host = "127.0.0.1", port, rtcpPort = port + 1, payloadType, srtp }: RtpTarget): string[] {
  const name = host.includes(":") ? `[${host}]` : host;
  const key = srtp ? ["-srtp_out_suite", srtp.suite, "-srtp_out_params", srtp.key] : [];
  const url = `${srtp ? "srtp" : "rtp"}://${name}:${port}?rtcpport=${rtcpPort}&pkt_size=1200`;
  return ["-payload_type", String(payloadType), ...key, "-f", "rtp", url];
}
