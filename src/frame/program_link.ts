import { AppError, type Clock, randomUint32, type Timer } from "../base/mod.ts";
import { StandingCalls } from "./standing_calls.ts";
import type { Program, ProgramHandlers, ProgramSpec, WorkerCommand, WorkerMessage } from "./types.ts";

const CALL_LIMIT_MS = 10_000;
/** Until its worker has had its turn to start and the program is open there. */
const OPEN_LIMIT_MS = 60_000;
/** This many crashes within the window, and a program is given up. */
const MAX_CRASHES = 4;
const CRASH_WINDOW_MS = 60_000;

interface PendingCall {
  operation: string;
  input: Record<string, unknown>;
  resolve(result: unknown): void;
  reject(error: AppError): void;
  timer: Timer;
}

/** What a link needs of the crew of its owner. */
export interface LinkHost {
  clock: Clock;
  /** Drops the command while no worker runs: what stands is repeated. */
  send(command: WorkerCommand): void;
  closed(link: ProgramLink): void;
}

/** Main side of one program: its calls, its events, and its life over the deaths of workers. */
export class ProgramLink implements Program {
  readonly number: number;
  readonly spec: ProgramSpec;
  readonly #planePort: number;
  readonly #handlers: ProgramHandlers;
  readonly #host: LinkHost;
  readonly #calls = new Map<number, PendingCall>();
  readonly #standing = new StandingCalls();
  readonly #crashes: number[] = [];
  #nextCall = 1;
  #isOpen = false;
  #closed = false;

  constructor(
    number: number,
    spec: ProgramSpec,
    planePort: number,
    handlers: ProgramHandlers,
    host: LinkHost,
  ) {
    this.number = number;
    this.spec = spec;
    this.#planePort = planePort;
    this.#handlers = handlers;
    this.#host = host;
  }

  /** Opens the program in the worker that runs now, with all that was asked of it before. */
  start(): void {
    this.#host.send({ do: "open", program: this.number, spec: this.spec, planePort: this.#planePort });
    for (const { operation, input } of this.#standing.all()) {
      this.#host.send({ do: "call", program: this.number, call: 0, operation, input });
    }
    // Asked for while no worker ran.
    for (const [call, { operation, input }] of this.#calls) {
      this.#host.send({ do: "call", program: this.number, call, operation, input });
    }
  }

  call(operation: string, input: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#closed) return Promise.reject(unavailable(operation, "the program is closed", "open another"));
    // Named here, so that the output is the same one in the next worker.
    const named = operation === "addOutput" ? { ssrc: randomUint32(), ...input } : input;
    const call = this.#nextCall++;
    return new Promise((resolve, reject) => {
      const timer = this.#limit(call);
      const settled = (result: unknown) => {
        this.#standing.note(operation, named);
        resolve(result);
      };
      this.#calls.set(call, { operation, input: named, resolve: settled, reject, timer });
      this.#host.send({ do: "call", program: this.number, call, operation, input: named });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#finish("the program was closed");
    this.#host.send({ do: "close", program: this.number });
    this.#host.closed(this);
  }

  take(message: WorkerMessage): void {
    if (this.#closed) return;
    if (message.on === "opened") this.#opened(message.port);
    else if (message.on === "event") this.#handlers.event(message.event);
    else if (message.on === "answer") this.#settle(message);
    else if (message.on === "ended") this.giveUp(message.reason);
  }

  /** The worker died. True where the program is to be started again. */
  crashed(reason: string): boolean {
    this.#isOpen = false;
    const nowMs = this.#host.clock.now();
    this.#crashes.push(nowMs);
    const recent = this.#crashes.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS);
    this.#crashes.splice(0, this.#crashes.length, ...recent);
    this.#rejectCalls("the worker ended meanwhile");
    if (recent.length >= MAX_CRASHES) {
      this.giveUp(`${reason}, for the ${recent.length}th time within a minute`);
      return false;
    }
    this.#handlers.failed(reason, true);
    return true;
  }

  /** Nothing comes of the program any more. */
  giveUp(reason: string): void {
    if (this.#closed) return;
    this.#finish(reason);
    this.#host.closed(this);
    this.#handlers.failed(reason, false);
  }

  /** What waited for the worker has as long as any other call from now on. */
  #opened(port: number): void {
    this.#isOpen = true;
    for (const [call, pending] of this.#calls) {
      pending.timer.cancel();
      pending.timer = this.#limit(call);
    }
    this.#handlers.opened(port);
  }

  #limit(call: number): Timer {
    const limitMs = this.#isOpen ? CALL_LIMIT_MS : OPEN_LIMIT_MS;
    return this.#host.clock.after(limitMs, () => {
      const pending = this.#calls.get(call);
      this.#calls.delete(call);
      pending?.reject(unavailable(pending.operation, `no answer within ${limitMs} ms`, "ask again"));
    });
  }

  #finish(why: string): void {
    this.#closed = true;
    this.#rejectCalls(why);
  }

  #settle({ call, result, refused }: WorkerMessage & { on: "answer" }): void {
    const pending = this.#calls.get(call);
    if (!pending) return;
    this.#calls.delete(call);
    pending.timer.cancel();
    if (refused === undefined) pending.resolve(result);
    else pending.reject(new AppError("operation_not_supported", refused));
  }

  #rejectCalls(why: string): void {
    for (const { operation, reject, timer } of this.#calls.values()) {
      timer.cancel();
      reject(unavailable(operation, why, "ask again when it is open"));
    }
    this.#calls.clear();
  }
}

function unavailable(operation: string, found: string, remedy: string): AppError {
  return new AppError(
    "unavailable",
    `Cannot run "${operation}": ${found} vs an answer of the worker, ${remedy}`,
  );
}
