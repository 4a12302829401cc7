import type { WorkerCommand } from "./types.ts";
import type { WorkerProcess, WorkerProcessHandlers } from "./worker_process.ts";

const unheard: WorkerProcessHandlers = { message: () => {}, ended: () => {} };

/**
 * Starts worker processes a few at a time, in the order in which they were asked for: twenty that load FFmpeg at once
 * would all be late, and be taken for broken. The time that a worker has for its start counts from its own.
 */
export class StartQueue {
  readonly #atOnce: number;
  readonly #waiting: QueuedWorker[] = [];
  #startingCount = 0;

  /** `atOnce`: how many may be on their way from the start to "ready". */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** A worker that can be used at once; what it is told waits with it. */
  add(start: () => WorkerProcess): WorkerProcess {
    const worker = new QueuedWorker(start, {
      settled: () => {
        this.#startingCount--;
        this.#next();
      },
      left: (left) => void this.#waiting.splice(this.#waiting.indexOf(left), 1),
    });
    this.#waiting.push(worker);
    this.#next();
    return worker;
  }

  #next(): void {
    while (this.#startingCount < this.#atOnce && this.#waiting.length > 0) {
      this.#startingCount++;
      this.#waiting.shift()!.begin();
    }
  }
}

interface QueuePlace {
  /** It is ready, or gone. Called once after `begin`. */
  settled(): void;
  /** It is not wanted any more, before its turn. */
  left(worker: QueuedWorker): void;
}

class QueuedWorker implements WorkerProcess {
  handlers = unheard;
  readonly #start: () => WorkerProcess;
  readonly #place: QueuePlace;
  readonly #commands: WorkerCommand[] = [];
  #process: WorkerProcess | null = null;
  #hasLeft = false;
  #isSettled = false;

  constructor(start: () => WorkerProcess, place: QueuePlace) {
    this.#start = start;
    this.#place = place;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  begin(): void {
    try {
      this.#attach(this.#start());
    } catch (error) {
      // The system is short of something. Whoever asked hears of it as of any death, once it listens.
      queueMicrotask(() => this.#ended(`could not be started: ${String(error)}`));
    }
  }

  #attach(process: WorkerProcess): void {
    this.#process = process;
    process.handlers = {
      message: (message) => {
        if (message.on === "ready") this.#settle();
        this.handlers.message(message);
      },
      ended: (reason) => this.#ended(reason),
    };
    for (const command of this.#commands.splice(0)) process.send(command);
  }

  send(command: WorkerCommand): void {
    if (this.#process) this.#process.send(command);
    else this.#commands.push(command);
  }

  kill(reason: string): void {
    if (this.#process) this.#process.kill(reason);
    else this.#leave(reason);
  }

  end(): Promise<void> {
    if (this.#process) return this.#process.end();
    this.#leave("was ended");
    return Promise.resolve();
  }

  #ended(reason: string): void {
    this.#settle();
    this.handlers.ended(reason);
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#place.settled();
  }

  #leave(reason: string): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#place.left(this);
    this.handlers.ended(reason);
  }
}
