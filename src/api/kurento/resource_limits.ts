import type { Clock } from "../../base/mod.ts";
import { kurentoError } from "./rpc_error.ts";

/** How long a count of the process's threads and files is taken for true. */
const COUNT_MS = 250;

interface Counts {
  threads: number;
  files: number;
}

/** Where the figures come from. Null limits are none. */
export interface ProcessFigures {
  limits(): { threads: number | null; files: number | null };
  counts(): Counts;
}

/** Refuses new objects while the process stands close to what the system lets it have. */
export class ResourceLimits {
  readonly #clock: Clock;
  readonly #figures: ProcessFigures;
  readonly #threads: number;
  readonly #files: number;
  #counts: Counts | null = null;
  #countedAtMs = 0;

  /** `fraction` of the limits may be used, 0–1. */
  constructor(clock: Clock, fraction: number, figures: ProcessFigures = linuxFigures) {
    this.#clock = clock;
    this.#figures = figures;
    const { threads, files } = figures.limits();
    this.#threads = threads === null ? Infinity : Math.floor(threads * fraction);
    this.#files = files === null ? Infinity : Math.floor(files * fraction);
  }

  /** Throws RpcError 40009 at a limit. */
  refuseAtLimit(): void {
    const reached = this.reached();
    if (reached !== null) throw exhausted(reached);
  }

  /** The limit that the process is above, in words; null below both. */
  reached(): string | null {
    const { threads, files } = this.#count();
    if (threads > this.#threads) return `Reached KMS threads limit: ${this.#threads}`;
    if (files > this.#files) return `Reached KMS files limit: ${this.#files}`;
    return null;
  }

  #count(): Counts {
    const now = this.#clock.now();
    if (!this.#counts || now - this.#countedAtMs > COUNT_MS) {
      this.#counts = this.#figures.counts();
      this.#countedAtMs = now;
    }
    return this.#counts;
  }
}

/** Figures of this process from /proc (proc(5)); where there is none, nothing is limited. */
const linuxFigures: ProcessFigures = {
  limits() {
    const text = readLimits();
    return { threads: softLimit(text, "Max processes"), files: softLimit(text, "Max open files") };
  },
  counts: () => ({ threads: entries("/proc/self/task"), files: entries("/proc/self/fd") }),
};

function readLimits(): string {
  try {
    return Deno.readTextFileSync("/proc/self/limits");
  } catch {
    return "";
  }
}

function softLimit(text: string, name: string): number | null {
  const value = new RegExp(`^${name}\\s+(\\d+)`, "m").exec(text)?.[1];
  return value === undefined ? null : Number(value);
}

function entries(directory: string): number {
  try {
    return [...Deno.readDirSync(directory)].length;
  } catch {
    return 0;
  }
}

const exhausted = (message: string) => kurentoError(40009, "NOT_ENOUGH_RESOURCES", message);
