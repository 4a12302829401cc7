import type { ProgramContext } from "../program.ts";

const PERIOD_MS = 5000;

/** Tells from time to time how much has been recorded. */
export class RecordProgress {
  readonly #context: Pick<ProgramContext, "clock" | "event">;
  #toldMs = 0;
  /** As it was told last. */
  #durationMs = 0;
  /** Of files that are closed. */
  #finishedBytes = 0;

  constructor(context: Pick<ProgramContext, "clock" | "event">) {
    this.#context = context;
  }

  /** The first file begins. */
  begin(): void {
    this.#toldMs = this.#context.clock.now();
  }

  /** The open file has `bytes` now, and the recording lasts `durationMs`. */
  grown(durationMs: number, bytes: number): void {
    const nowMs = this.#context.clock.now();
    if (nowMs - this.#toldMs < PERIOD_MS || durationMs === this.#durationMs) return;
    this.#durationMs = durationMs;
    this.#toldMs = nowMs;
    this.#context.event({ type: "progress", job: "record", durationMs, bytes: this.#finishedBytes + bytes });
  }

  /** A file of `bytes` is closed. */
  finished(bytes: number): void {
    this.#finishedBytes += bytes;
  }
}
