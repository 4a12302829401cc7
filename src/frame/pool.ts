import { AppError, type Clock, type Log, type Timer } from "../base/mod.ts";
import { BodyDoor } from "./body_door.ts";
import { Crew } from "./crew.ts";
import { LeftUploads } from "./left_uploads.ts";
import { findSpools, spoolPath } from "./spool_search.ts";
import { StartQueue } from "./start_queue.ts";
import type {
  BodyEnd,
  DeliverSpec,
  FramePool,
  OfferedBody,
  Program,
  ProgramHandlers,
  ProgramSpec,
} from "./types.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker_process.ts";

export interface FramePoolSettings {
  clock: Clock;
  log: Log;
  /** The only folder that workers may write to, absolute. */
  mediaDir: string;
  /** Address of this machine that the packet plane is bound to. Default 127.0.0.1. */
  planeAddress?: string;
  /** Most worker processes at one time, the spare one and that of uploads aside. Default: no limit. */
  maxWorkers?: number;
  /** Resident memory in bytes beyond which a worker is killed. */
  maxRssBytes: number;
  /** Keep one worker started and waiting: from the beginning, from the first use on, or not at all. */
  spare: "always" | "onceUsed" | "never";
  /** Most workers that start at the same time. Default: one per core. */
  startsAtOnce?: number;
  /** Decoders and encoders of the graphics hardware are used where there are any. Default: no. */
  hardware?: boolean;
  /** Packets by the portable twin instead of FFI. */
  portable?: boolean;
  /** PEM file of authorities that may certify servers of media, beside those that everybody trusts. */
  caFile?: string | null;
  /** How to send what recorders left behind that record to a server. Default: it stays where it is. */
  leftUploads?: Omit<DeliverSpec, "kind" | "spool">;
}

/** A spare is started when what took the last one has had the processor for this long. */
const SPARE_DELAY_MS = 1000;
/** What sends uploads that were left has a worker of its own, so that it costs no pipeline anything. */
const UPLOADS_OWNER = "uploads";
/** Of a program that neither sends nor hears media: nothing comes from there. */
const NO_PLANE_PORT = 9;

/** Opens the pool of frame workers. `start` makes a worker process; tests give their own. */
export function openFramePool(
  settings: FramePoolSettings,
  start: (settings: FramePoolSettings) => WorkerProcess = startWorkerProcess,
): FramePool {
  return new WorkerPool(settings, start);
}

class WorkerPool implements FramePool {
  readonly #settings: FramePoolSettings;
  readonly #start: (settings: FramePoolSettings) => WorkerProcess;
  readonly #crews = new Map<string, Crew>();
  readonly #ending = new Set<Promise<void>>();
  readonly #starts: StartQueue;
  readonly #bodies = new BodyDoor();
  readonly #leftUploads: LeftUploads | null;
  #spare: WorkerProcess | null = null;
  #spareTimer: Timer | null = null;
  #closed = false;

  constructor(settings: FramePoolSettings, start: (settings: FramePoolSettings) => WorkerProcess) {
    this.#settings = settings;
    this.#start = start;
    this.#starts = new StartQueue(settings.startsAtOnce ?? navigator.hardwareConcurrency);
    if (settings.spare === "always") this.#startSpare();
    this.#leftUploads = settings.leftUploads ? this.#openLeftUploads(settings.leftUploads) : null;
    void this.#leftUploads?.look();
  }

  open(owner: string, spec: ProgramSpec, planePort: number, handlers: ProgramHandlers): Program {
    if (this.#closed) {
      throw new AppError(
        "unavailable",
        `Cannot open a ${spec.kind} program: the server is ending, ask another`,
      );
    }
    this.#requireRoom(owner, spec.kind);
    return this.#crewOf(owner).open(spec, planePort, this.#listening(spec, handlers));
  }

  offerBody(body: ReadableStream<Uint8Array>, ended: (end: BodyEnd) => void): OfferedBody {
    return this.#bodies.offerBody(body, ended);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#leftUploads?.close();
    this.#spareTimer?.cancel();
    const workers = [...this.#crews.values()].map((crew) => crew.dissolve());
    this.#crews.clear();
    for (const worker of [...workers, this.#spare]) this.#end(worker);
    this.#spare = null;
    await Promise.all([...this.#ending, this.#bodies.close()]);
  }

  /** What a recorder cannot send waits for the next try. */
  #listening({ kind }: ProgramSpec, handlers: ProgramHandlers): ProgramHandlers {
    if (kind !== "record") return handlers;
    const event: ProgramHandlers["event"] = (event) => {
      if (event.type === "leftover") this.#leftUploads?.refused(event.path);
      handlers.event(event);
    };
    return { ...handlers, event };
  }

  #requireRoom(owner: string, kind: string): void {
    const { maxWorkers = Infinity } = this.#settings;
    if (owner === UPLOADS_OWNER || this.#crews.has(owner)) return;
    const count = this.#crews.size - (this.#crews.has(UPLOADS_OWNER) ? 1 : 0);
    if (count < maxWorkers) return;
    throw new AppError(
      "limit_reached",
      `Cannot open a ${kind} program: ${count} frame workers run vs ${maxWorkers} allowed, ` +
        "release a pipeline that uses one",
    );
  }

  #crewOf(owner: string): Crew {
    const known = this.#crews.get(owner);
    if (known) return known;
    const { clock, log } = this.#settings;
    const crew: Crew = new Crew({
      clock,
      log,
      owner,
      takeWorker: () => owner === UPLOADS_OWNER ? this.#startWorker() : this.#takeWorker(),
      lost: (spec) => {
        if (spec.kind === "record" && /^https?:/i.test(spec.uri)) this.#leftUploads?.recorderGone();
      },
      idle: (worker) => {
        if (this.#crews.get(owner) === crew) this.#crews.delete(owner);
        this.#end(worker);
      },
    });
    this.#crews.set(owner, crew);
    return crew;
  }

  #openLeftUploads(wish: NonNullable<FramePoolSettings["leftUploads"]>): LeftUploads {
    const { clock, log } = this.#settings;
    return new LeftUploads({
      clock,
      log,
      find: (isKnown) => findSpools(wish.mediaDir, isKnown),
      pathOf: (spool) => spoolPath(wish.mediaDir, spool),
      open: (spool, handlers) =>
        this.open(UPLOADS_OWNER, { ...wish, kind: "deliver", spool }, NO_PLANE_PORT, handlers),
    });
  }

  #takeWorker(): WorkerProcess {
    const worker = this.#spare ?? this.#startWorker();
    this.#spare = null;
    if (this.#settings.spare !== "never") {
      this.#spareTimer?.cancel();
      this.#spareTimer = this.#settings.clock.after(SPARE_DELAY_MS, () => this.#startSpare());
    }
    return worker;
  }

  #startWorker(): WorkerProcess {
    return this.#starts.add(() => this.#start(this.#settings));
  }

  #startSpare(): void {
    if (this.#closed || this.#spare) return;
    const spare = this.#startWorker();
    spare.handlers = {
      message: () => {},
      ended: () => {
        if (this.#spare === spare) this.#spare = null;
      },
    };
    this.#spare = spare;
  }

  #end(worker: WorkerProcess | null): void {
    if (!worker) return;
    const ending = worker.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
