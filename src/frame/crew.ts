import type { Clock, Log, Timer } from "../base/mod.ts";
import { ProgramLink } from "./program_link.ts";
import type { ProgramHandlers, ProgramSpec, WorkerCommand, WorkerMessage } from "./types.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** Wait before another worker after the first, second, … death in a row. */
const RESTART_DELAYS_MS = [0, 500, 2000, 5000];
/** A worker that lived so long died of something new. */
const SOUND_LIFE_MS = 60_000;

export interface CrewOptions {
  clock: Clock;
  log: Log;
  owner: string;
  takeWorker(): WorkerProcess;
  /** A program is closed, or lost its worker. */
  lost(spec: ProgramSpec): void;
  /** The last program is closed. */
  idle(worker: WorkerProcess | null): void;
}

/** The programs of one owner and the worker that they share; replaces it when it dies. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #links = new Map<number, ProgramLink>();
  #worker: WorkerProcess | null = null;
  #startedMs = 0;
  #deaths = 0;
  #restart: Timer | null = null;
  #nextProgram = 1;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  open(spec: ProgramSpec, planePort: number, handlers: ProgramHandlers): ProgramLink {
    const link = new ProgramLink(this.#nextProgram++, spec, planePort, handlers, {
      clock: this.#options.clock,
      send: (command: WorkerCommand) => this.#worker?.send(command),
      closed: (closed) => this.#remove(closed),
    });
    this.#links.set(link.number, link);
    if (this.#worker) link.start();
    else if (!this.#restart) this.#startWorker();
    return link;
  }

  /** Forgets the programs; what is returned is theirs to end. */
  dissolve(): WorkerProcess | null {
    const worker = this.#worker;
    this.#worker = null;
    this.#restart?.cancel();
    this.#restart = null;
    for (const link of [...this.#links.values()]) link.close();
    if (worker) worker.handlers = { message: () => {}, ended: () => {} };
    return worker;
  }

  #startWorker(): void {
    const worker = this.#options.takeWorker();
    this.#worker = worker;
    this.#startedMs = this.#options.clock.now();
    this.#restart = null;
    worker.handlers = {
      message: (message) => this.#take(message),
      ended: (reason) => this.#died(worker, reason),
    };
    for (const link of this.#links.values()) link.start();
  }

  #take(message: WorkerMessage): void {
    if ("program" in message) this.#links.get(message.program)?.take(message);
  }

  #died(worker: WorkerProcess, reason: string): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    const { clock, log, owner } = this.#options;
    log.warn("a frame worker died", { owner, pid: worker.pid, reason });
    if (clock.now() - this.#startedMs > SOUND_LIFE_MS) this.#deaths = 0;
    const delayMs = RESTART_DELAYS_MS[Math.min(this.#deaths++, RESTART_DELAYS_MS.length - 1)];
    this.#restart = clock.after(delayMs, () => this.#startWorker());
    for (const link of [...this.#links.values()]) {
      this.#options.lost(link.spec);
      link.crashed(`The worker ${reason}`);
    }
  }

  #remove(link: ProgramLink): void {
    this.#links.delete(link.number);
    this.#options.lost(link.spec);
    if (this.#links.size > 0) return;
    this.#restart?.cancel();
    this.#restart = null;
    const worker = this.#worker;
    this.#worker = null;
    if (worker) worker.handlers = { message: () => {}, ended: () => {} };
    this.#options.idle(worker);
  }
}
