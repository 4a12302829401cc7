import type { FrameRoom } from "../../src/engine/mod.ts";
import type {
  BodyEnd,
  FramePool,
  OfferedBody,
  Program,
  ProgramHandlers,
  ProgramSpec,
} from "../../src/frame/mod.ts";

/** A program that does nothing: it keeps what it was asked, and tells what the test wants. */
export class FakeProgram implements Program {
  readonly owner: string;
  readonly spec: ProgramSpec;
  readonly planePort: number;
  readonly handlers: ProgramHandlers;
  readonly calls: { operation: string; input: Record<string, unknown> }[] = [];
  /** Makes the next call of an operation fail. */
  readonly refusals = new Map<string, Error>();
  /** What calls of an operation give; their input where nothing is said. */
  readonly answers = new Map<string, unknown>();
  closed = false;

  constructor(owner: string, spec: ProgramSpec, planePort: number, handlers: ProgramHandlers) {
    this.owner = owner;
    this.spec = spec;
    this.planePort = planePort;
    this.handlers = handlers;
  }

  call(operation: string, input: Record<string, unknown> = {}): Promise<unknown> {
    this.calls.push({ operation, input });
    const refusal = this.refusals.get(operation);
    this.refusals.delete(operation);
    return refusal ? Promise.reject(refusal) : Promise.resolve(this.answers.get(operation) ?? { ...input });
  }

  close(): void {
    this.closed = true;
  }

  /** Inputs of the calls of one operation. */
  inputs(operation: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.operation === operation).map(({ input }) => input);
  }
}

/** The frame room without processes. */
export class FakeFrames implements FrameRoom, FramePool {
  readonly pool = this;
  readonly rules = { allowedSchemes: ["file"], mediaDir: "/media", allowPrivateHosts: false };
  readonly programs: FakeProgram[] = [];
  /** Makes every opening fail while it is set. */
  refuseToOpen: Error | null = null;
  #refuseNext: [string, Error] | null = null;
  closed = false;

  open(owner: string, spec: ProgramSpec, planePort: number, handlers: ProgramHandlers): Program {
    if (this.refuseToOpen) throw this.refuseToOpen;
    const program = new FakeProgram(owner, spec, planePort, handlers);
    if (this.#refuseNext) program.refusals.set(...this.#refuseNext);
    this.#refuseNext = null;
    this.programs.push(program);
    return program;
  }

  readonly bodies: { body: ReadableStream<Uint8Array>; ended: (end: BodyEnd) => void; closed: boolean }[] =
    [];

  offerBody(body: ReadableStream<Uint8Array>, ended: (end: BodyEnd) => void): OfferedBody {
    const offered = { body, ended, closed: false };
    this.bodies.push(offered);
    return { url: `http://127.0.0.1/${this.bodies.length}`, close: () => void (offered.closed = true) };
  }

  /** The next program that is opened refuses an operation once. */
  refuseNext(operation: string, refusal: Error): void {
    this.#refuseNext = [operation, refusal];
  }

  /** Programs that are not closed. */
  get running(): FakeProgram[] {
    return this.programs.filter(({ closed }) => !closed);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
