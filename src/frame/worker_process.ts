import type { Clock, Log } from "../base/mod.ts";
import { LineSplitter, readMessage, writeMessage } from "./lines.ts";
import type { WorkerCommand, WorkerMessage } from "./types.ts";

/** A child process as the pool sees it. */
export interface WorkerProcess {
  /** 0 while it waits for its turn to be started. */
  readonly pid: number;
  send(command: WorkerCommand): void;
  /** Ends it for certain; `ended` is still called, with this reason. */
  kill(reason: string): void;
  /** Lets it end by itself, and kills it when it does not. */
  end(): Promise<void>;
  /** From now on messages and the end go to these. */
  handlers: WorkerProcessHandlers;
}

export interface WorkerProcessHandlers {
  message(message: WorkerMessage): void;
  /** The process is gone. Called once. */
  ended(reason: string): void;
}

export interface WorkerProcessOptions {
  clock: Clock;
  log: Log;
  /** The folder for files: the only one that the worker may write to. */
  mediaDir: string;
  /** Resident memory in bytes beyond which it is killed. */
  maxRssBytes: number;
  /** Address of this machine that the packet plane is bound to. Default 127.0.0.1. */
  planeAddress?: string;
  /** Decoders and encoders of the graphics hardware are used where there are any. */
  hardware?: boolean;
  /** Packets by the portable twin instead of FFI. */
  portable?: boolean;
  /** PEM file of authorities that may certify servers of media, beside those that everybody trusts. */
  caFile?: string | null;
}

const WATCH_PERIOD_MS = 1000;
/** How long a worker may take to load FFmpeg, and to leave when told. */
const START_LIMIT_MS = 15_000;
const END_LIMIT_MS = 2000;
/** A worker says every second that it is alive; one that says nothing for so many looks hangs. */
const SILENT_LOOKS = 10;
/** What JavaScript in a worker needs at most; pictures are not on its heap. */
const HEAP_MB = 256;
const STDERR_KEPT = 2000;

/** Starts a worker. Nothing of this process's environment goes to it: it reads what strangers send. */
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  return new ChildWorker(options);
}

class ChildWorker implements WorkerProcess {
  handlers: WorkerProcessHandlers = { message: () => {}, ended: () => {} };
  readonly #options: WorkerProcessOptions;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #over: Promise<void>;
  readonly #watch: { cancel(): void };
  readonly #startLimit: { cancel(): void };
  #errors = "";
  #reason = "";
  /** Looks since it was last heard of, from its being ready on. */
  #silentLooks = -Infinity;
  #gone = false;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: workerArguments(options),
      clearEnv: true,
      // SVT-AV1 talks on standard error else.
      env: { SVT_LOG: "0", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#watch = options.clock.every(WATCH_PERIOD_MS, () => this.#look());
    this.#startLimit = options.clock.after(START_LIMIT_MS, () => this.kill("did not start in time"));
    this.#over = this.#live();
  }

  get pid(): number {
    return this.#child.pid;
  }

  send(command: WorkerCommand): void {
    // A process that is gone says so by its end.
    this.#input.write(writeMessage(command)).catch(() => {});
  }

  kill(reason: string): void {
    if (this.#gone) return;
    this.#reason ||= reason;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It was faster.
    }
  }

  async end(): Promise<void> {
    this.#reason ||= "was ended";
    this.#input.close().catch(() => {});
    const timer = this.#options.clock.after(END_LIMIT_MS, () => this.kill("did not end in time"));
    await this.#over;
    timer.cancel();
  }

  async #live(): Promise<void> {
    const [status] = await Promise.all([this.#child.status, this.#readMessages(), this.#readErrors()]);
    this.#gone = true;
    this.#watch.cancel();
    this.#startLimit.cancel();
    this.handlers.ended(this.#reason || endOf(status, this.#errors));
  }

  async #readMessages(): Promise<void> {
    const lines = new LineSplitter();
    for await (const chunk of this.#child.stdout) {
      for (const line of lines.push(chunk)) this.#take(line);
    }
  }

  #take(line: string): void {
    const message = readMessage<WorkerMessage>(line);
    if (!message) return;
    this.#silentLooks = 0;
    if (message.on === "ready") this.#startLimit.cancel();
    if (message.on !== "alive") this.handlers.message(message);
  }

  async #readErrors(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      const text = decoder.decode(chunk, { stream: true });
      this.#errors = (this.#errors + text).slice(-STDERR_KEPT);
      this.#options.log.debug("a worker wrote", { pid: this.pid, text });
    }
  }

  async #look(): Promise<void> {
    if (++this.#silentLooks > SILENT_LOOKS) {
      this.kill(`did not answer for ${SILENT_LOOKS * WATCH_PERIOD_MS / 1000} s`);
    }
    await this.#checkMemory();
  }

  async #checkMemory(): Promise<void> {
    const bytes = await residentBytes(this.pid);
    const { maxRssBytes } = this.#options;
    if (bytes > maxRssBytes) {
      this.kill(`used ${bytes >> 20} MB of memory vs ${maxRssBytes >> 20} MB allowed`);
    }
  }
}

/** Resident memory of a process, 0 where the system does not tell. */
async function residentBytes(pid: number): Promise<number> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function workerArguments(options: WorkerProcessOptions): string[] {
  const { mediaDir, planeAddress, hardware, portable, caFile } = options;
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--cached-only",
    `--v8-flags=--max-old-space-size=${HEAP_MB},--single-threaded-gc`,
    "--allow-ffi",
    "--allow-read",
    `--allow-write=${mediaDir}`,
    ...(caFile ? [`--cert=${caFile}`] : []),
    "--allow-env",
    "--allow-sys",
    // Names are looked up before FFmpeg may go there.
    "--allow-net",
    new URL("./worker/main.ts", import.meta.url).pathname,
    planeAddress ?? "127.0.0.1",
    ...(hardware ? ["hardware"] : []),
    ...(portable ? ["portable"] : []),
  ];
}

function endOf(status: Deno.CommandStatus, errors: string): string {
  const how = status.signal ? `was ended by ${status.signal}` : `ended with code ${status.code}`;
  const last = errors.trim().split("\n").at(-1);
  return last ? `${how}: ${last}` : how;
}
