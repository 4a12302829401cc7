import process from "node:process";
import { freeTcpPort, freeUdpPort } from "./free_port.ts";

/** How to run the server under test. */
export interface ServerOptions {
  /** Settings beside those of the kit; they win. */
  env?: Record<string, string>;
  /** Used and left alone; without it a new one is made, and removed by `stop`. */
  dataDir?: string;
  /** Path of the program; the server's own `src/main.ts` unless a test of the kit says otherwise. */
  program?: string;
}

/** The server as a child process, on loopback and on ports of its own. */
export interface TestServer {
  /** http://127.0.0.1:port, without a slash at the end. */
  readonly baseUrl: string;
  readonly udpPort: number;
  readonly pid: number;
  readonly dataDir: string;
  /** SIGTERM, and waits; throws when the server had ended before, or does not end with code 0. */
  stop(): Promise<void>;
  /** SIGKILL, and waits. The data directory stays for `restart`. */
  kill(): Promise<void>;
  /** Runs the program again with the same ports and data (after a SIGTERM when it still runs). */
  restart(): Promise<void>;
  /** Everything that was written to stdout and stderr, over all restarts. */
  log(): string;
  /** Resident memory in bytes (VmRSS). */
  rssBytes(): number;
}

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 15_000;
const mainProgram = new URL("../../src/main.ts", import.meta.url).pathname;
const running = new Set<Deno.ChildProcess>();

// A test runner that dies must not leave servers behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts the server and waits until it is ready (≤ 20 s); throws with its output when it does not become so. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = new ServerProcess(options, freeTcpPort(), await freeUdpPort());
  try {
    await server.start();
  } catch (error) {
    await server.kill();
    server.removeOwnData();
    throw error;
  }
  return server;
}

class ServerProcess implements TestServer {
  readonly baseUrl: string;
  readonly udpPort: number;
  readonly dataDir: string;
  readonly #options: ServerOptions;
  readonly #httpPort: number;
  #child: Deno.ChildProcess | null = null;
  #ended: Promise<Deno.CommandStatus> | null = null;
  #output = "";

  constructor(options: ServerOptions, httpPort: number, udpPort: number) {
    this.#options = options;
    this.#httpPort = httpPort;
    this.baseUrl = `http://127.0.0.1:${httpPort}`;
    this.udpPort = udpPort;
    this.dataDir = options.dataDir ?? Deno.makeTempDirSync({ prefix: "kaskado_test_" });
  }

  get pid(): number {
    if (!this.#child) throw new Error("Cannot tell the pid: the server does not run, call restart first");
    return this.#child.pid;
  }

  async start(): Promise<void> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", this.#options.program ?? mainProgram],
      env: { ...environment(), ...this.#settings(), ...this.#options.env },
      clearEnv: true,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    running.add(child);
    const collected = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
    this.#ended = child.status.then(async (status) => {
      running.delete(child);
      await collected;
      return status;
    });
    await this.#untilReady(this.#ended);
  }

  async stop(): Promise<void> {
    const status = await this.#end("SIGTERM");
    this.removeOwnData();
    if (status && status.code !== 0) {
      throw this.#failure(`Cannot stop the server: it ended with ${describe(status)}`);
    }
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(): Promise<void> {
    const status = await this.#end("SIGTERM");
    if (status && status.code !== 0) {
      throw this.#failure(`Cannot restart the server: it ended with ${describe(status)}`);
    }
    await this.start();
  }

  log(): string {
    return this.#output;
  }

  rssBytes(): number {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${this.pid}/status`));
    if (!line) throw new Error("Cannot read the server's memory: /proc has no VmRSS line for it");
    return Number(line[1]) * 1024;
  }

  removeOwnData(): void {
    if (!this.#options.dataDir) Deno.removeSync(this.dataDir, { recursive: true });
  }

  #settings(): Record<string, string> {
    return {
      KASKADO_HTTP_PORT: String(this.#httpPort),
      KASKADO_UDP_PORT: String(this.udpPort),
      KASKADO_DATA_DIR: this.dataDir,
      KASKADO_BIND: "127.0.0.1",
    };
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }

  async #untilReady(ended: Promise<Deno.CommandStatus>): Promise<void> {
    let early: Deno.CommandStatus | null = null;
    ended.then((status) => early = status);
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!await answersReady(this.baseUrl)) {
      if (early) throw this.#failure(`Cannot start the server: it ended with ${describe(early)}`);
      if (Date.now() > deadline) throw this.#failure("Cannot start the server: not ready after 20 s");
      await delay(50);
    }
  }

  /** Null when nothing runs. A server that does not obey within 15 s is killed, which its status then says. */
  async #end(signal: Deno.Signal): Promise<Deno.CommandStatus | null> {
    const child = this.#child;
    if (!child || !this.#ended) return null;
    if (!running.has(child) && signal === "SIGTERM") {
      this.#child = null;
      throw this.#failure(
        `Cannot stop the server: it had ended by itself with ${describe(await this.#ended)}`,
      );
    }
    if (running.has(child)) child.kill(signal);
    const timer = setTimeout(() => running.has(child) && child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const status = await this.#ended;
    clearTimeout(timer);
    this.#child = null;
    return status;
  }

  #failure(message: string): Error {
    return new Error(`${message}. Its output:\n${this.#output}`);
  }
}

/** Ours without settings of the server, which would change what is tested. */
function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("KASKADO_")),
  );
}

async function answersReady(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

const describe = (status: Deno.CommandStatus) => status.signal ?? `code ${status.code}`;
const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
