import process from "node:process";

/** GStreamer's RTSP server with one clip at `rtsp://127.0.0.1:<port>/clip`. */
export interface RtspServer {
  readonly port: number;
  /** As by `kill -9`. */
  kill(): Promise<void>;
}

const PYTHON = "/usr/bin/python3";
const started = new Set<Deno.ChildProcess>();
process.on("exit", () => started.forEach((child) => child.kill("SIGKILL")));

/** True when the server and what it needs are installed; otherwise says so in one line that nobody overlooks. */
export function rtspServerIsThere(): boolean {
  const probe =
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  try {
    if (new Deno.Command(PYTHON, { args: ["-c", probe], stderr: "null" }).outputSync().success) return true;
  } catch {
    // There is no such python.
  }
  const packages = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-{base,good,bad}";
  const line = `!!! RTSP TESTS LEFT OUT: no GStreamer RTSP server found (apt-get install ${packages}) !!!\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  return false;
}

/** Starts it with a Matroska file of H264 and Opus, for everybody or for one user, and waits until it listens. */
export async function startRtspServer(
  port: number,
  path: string,
  user: [string, string] | null = null,
): Promise<RtspServer> {
  const script = new URL("./rtsp_server.py", import.meta.url).pathname;
  const child = new Deno.Command(PYTHON, {
    args: [script, String(port), path, ...(user ?? [])],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  started.add(child);
  void child.status.then(() => started.delete(child));
  const kill = async () => {
    if (started.delete(child)) child.kill("SIGKILL");
    await child.status;
  };
  await untilItSpeaks(child);
  return { port, kill };
}

/** What it says later is read and forgotten. */
async function untilItSpeaks(child: Deno.ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const listen = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) if (decoder.decode(chunk).includes("ready")) resolve();
    reject(new Error("Cannot start the RTSP server: it ended at once"));
  };
  void listen();
  await promise;
}
