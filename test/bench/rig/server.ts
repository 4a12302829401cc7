/** Where a server under test runs and how. */
export interface ServerPlace {
  /** Runs the program elsewhere, e.g. `ip netns exec name`. */
  prefix: string[];
  /** Address that it binds and announces. */
  address: string;
  env?: Record<string, string>;
  /** Flags of `deno run`. */
  flags?: string[];
}

/** A server under test. */
export interface BenchedServer {
  readonly pid: number;
  readonly baseUrl: string;
  readonly address: string;
  stop(): Promise<void>;
}

const HTTP_PORT = 18888;
const READY_MS = 30_000;
const program = new URL("../../../src/main.ts", import.meta.url).pathname;

/** Starts Kaskado with an empty data directory, and waits until it is ready. */
export async function startKaskado(place: ServerPlace): Promise<BenchedServer> {
  const dataDir = Deno.makeTempDirSync({ prefix: "kaskado_bench_" });
  const flags = place.flags ?? [];
  const source = Deno.env.get("KIT_PROGRAM") ?? program;
  const baseUrl = `http://${place.address}:${HTTP_PORT}`;
  const removeData = () => Deno.removeSync(dataDir, { recursive: true });
  globalThis.addEventListener("unload", removeData);
  const server = await startProcess([...place.prefix, Deno.execPath(), "run", "-A", ...flags, source], {
    KASKADO_HTTP_PORT: String(HTTP_PORT),
    KASKADO_UDP_PORT: String(HTTP_PORT),
    KASKADO_BIND: place.address,
    KASKADO_DATA_DIR: dataDir,
    KASKADO_RATE_LIMIT_PER_MINUTE: "0",
    KASKADO_MAX_SESSIONS: "20000",
    KASKADO_LOG_LEVEL: "warn",
    ...place.env,
  }, () => answers(`${baseUrl}/readyz`));
  const stop = async () => {
    await server.stop();
    globalThis.removeEventListener("unload", removeData);
    removeData();
  };
  return { pid: server.pid, baseUrl, address: place.address, stop };
}

/** Starts a program and waits until `isReady`; `stop` ends it by SIGTERM, after 15 s by SIGKILL. */
export async function startProcess(
  [command, ...args]: string[],
  env: Record<string, string>,
  isReady: () => Promise<boolean>,
  stderr: "inherit" | "null" = "inherit",
): Promise<{ pid: number; stop(): Promise<void> }> {
  const child = new Deno.Command(command, { args, env, stdout: "null", stderr }).spawn();
  let ended = false;
  let wanted = true;
  const status = child.status.then(({ code, signal }) => {
    ended = true;
    if (wanted) console.error(`${command} ended by itself: ${signal ?? `code ${code}`}`);
  });
  const kill = () => ended || child.kill("SIGKILL");
  globalThis.addEventListener("unload", kill);
  const deadlineMs = performance.now() + READY_MS;
  while (!await isReady()) {
    if (ended || performance.now() > deadlineMs) {
      kill();
      throw new Error(
        `Cannot start ${command} ${args.join(" ")}: ${ended ? "it ended" : "not ready after 30 s"}`,
      );
    }
    await delay(50);
  }
  return {
    pid: child.pid,
    async stop() {
      wanted = false;
      globalThis.removeEventListener("unload", kill);
      if (!ended) child.kill("SIGTERM");
      const timer = setTimeout(kill, 15_000);
      await status;
      clearTimeout(timer);
    },
  };
}

export const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
