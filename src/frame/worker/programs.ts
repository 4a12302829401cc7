import { type Clock, randomToken } from "../../base/mod.ts";
import type { Native } from "../../native/mod.ts";
import type { ProgramSpec, WorkerCommand, WorkerMessage } from "../types.ts";
import type { Hardware } from "./hardware.ts";
import { type MediaSocket, openMediaSocket } from "./media_socket.ts";
import { OwnThread } from "./own_thread.ts";
import { type ProgramContext, Refusal, type RunningProgram } from "./program.ts";
import { StepWatch } from "./step_watch.ts";

export interface ProgramsOptions {
  native: Native;
  /** Address of this machine that the packet plane is bound to, and programs too. */
  planeAddress: string;
  clock: Clock;
  hardware: Hardware;
  send(message: WorkerMessage): void;
  /** Makes the program of a specification; throws a Refusal where there is none. */
  start(spec: ProgramSpec, context: ProgramContext): RunningProgram;
  /** A native step hangs: only the end of the process helps. */
  hung(): void;
}

interface Open {
  socket: MediaSocket;
  running: RunningProgram;
}

/** The programs of one worker process, by their numbers; carries out what the main side says. */
export class Programs {
  readonly #options: ProgramsOptions;
  readonly #open = new Map<number, Promise<Open | null>>();
  #lastOpened: Promise<unknown> = Promise.resolve();
  readonly #ending = new Set<Promise<void>>();
  readonly #cname = randomToken(16);
  readonly #ownThread = new OwnThread();
  readonly #watch: StepWatch;

  constructor(options: ProgramsOptions) {
    this.#options = options;
    this.#watch = new StepWatch(options.clock, options.hung);
  }

  perform(command: WorkerCommand): void {
    if (command.do === "open") this.#startNext(command);
    else if (command.do === "close") this.#end(command.program);
    else void this.#call(command);
  }

  /** Ends every program in good order. */
  async close(): Promise<void> {
    for (const program of [...this.#open.keys()]) this.#end(program);
    await Promise.all(this.#ending);
    this.#watch.close();
  }

  /** Whoever closes the worker waits for what is still on its way out. */
  #end(program: number): void {
    const ending: Promise<void> = this.#close(program).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** One after the other, so that what is asked of two programs is carried out in the order of asking. */
  #startNext(command: WorkerCommand & { do: "open" }): void {
    const opened = this.#lastOpened.then(() => this.#start(command));
    this.#lastOpened = opened;
    this.#open.set(command.program, opened);
  }

  async #start({ program, spec, planePort }: WorkerCommand & { do: "open" }): Promise<Open | null> {
    const { native, clock, planeAddress, send } = this.#options;
    try {
      const socket = await openMediaSocket(native, clock, planeAddress, planePort);
      const context = this.#contextOf(program, socket);
      const running = this.#options.start(spec, context);
      socket.run(running, (error) => context.end(textOf(error)));
      send({ on: "opened", program, port: socket.port });
      return { socket, running };
    } catch (error) {
      send({ on: "ended", program, reason: textOf(error) });
      return null;
    }
  }

  #contextOf(program: number, socket: MediaSocket): ProgramContext {
    const { clock, hardware, send } = this.#options;
    return {
      clock,
      hardware,
      ownThread: this.#ownThread,
      socket,
      cname: this.#cname,
      event: (event) => send({ on: "event", program, event }),
      end: (reason) => {
        send({ on: "ended", program, reason });
        this.#end(program);
      },
      guarded: (step) => this.#watch.guarded(step),
    };
  }

  async #call({ program, call, operation, input }: WorkerCommand & { do: "call" }): Promise<void> {
    const { send } = this.#options;
    try {
      const open = await this.#open.get(program);
      if (!open) throw new Refusal(`Cannot run "${operation}": the program is not open`);
      send({ on: "answer", program, call, result: await open.running.call(operation, input) ?? null });
    } catch (error) {
      send({ on: "answer", program, call, refused: textOf(error) });
    }
  }

  async #close(program: number): Promise<void> {
    const opening = this.#open.get(program);
    this.#open.delete(program);
    const open = await opening;
    if (!open) return;
    open.socket.mute();
    await open.running.close();
    await open.socket.close();
  }
}

const textOf = (error: unknown) => error instanceof Error ? error.message : String(error);
