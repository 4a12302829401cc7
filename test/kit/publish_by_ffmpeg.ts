import type { VideoClipOptions } from "./ffmpeg.ts";

/** The test clip as FFmpeg's WHIP muxer shall send it. */
export interface FfmpegPublishOptions extends Omit<VideoClipOptions, "frameCount"> {
  whipUrl: string;
  seconds: number;
  /** Options of the muxer, e.g. `whip_flags: "dtls_active"`, `authorization: "token"`. */
  muxerOptions?: Record<string, string>;
}

export interface FfmpegPublisher {
  readonly pid: number;
  /** Everything FFmpeg and the program said. */
  log(): string;
  /** Resolves when the clip is through; rejects with the log when FFmpeg failed. */
  finished: Promise<void>;
  /** Ends it at once, without a DELETE. */
  kill(): Promise<void>;
}

/** Publishes by FFmpeg in a child process; resolves when its DTLS handshake is done, rejects when it fails. */
export async function publishByFfmpeg(options: FfmpegPublishOptions): Promise<FfmpegPublisher> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("./ffmpeg_publisher.ts", import.meta.url).pathname, JSON.stringify(options)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const started = Promise.withResolvers<void>();
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log += text;
      if (/^publishing$/m.test(log)) started.resolve();
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  let ended = false;
  const finished = child.status.then(async (status) => {
    ended = true;
    await collected;
    if (!status.success || !log.includes("published")) throw new Error(`Cannot publish by FFmpeg: ${log}`);
  });
  finished.catch(started.reject);
  await started.promise;
  return {
    pid: child.pid,
    log: () => log,
    finished,
    kill: async () => {
      if (!ended) child.kill("SIGKILL");
      await finished.catch(() => {});
    },
  };
}
