import type { Clock, Timer } from "../../src/base/mod.ts";

interface Entry {
  atMs: number;
  order: number;
  run: () => void;
}

/** A Clock that stands still until it is told to move; timers run in the order of their times. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #entries: Entry[] = [];

  /** `startMs` is milliseconds since the epoch; the default is a day in 2026. */
  constructor(startMs = 1_790_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#entries.push(entry);
    return { cancel: () => this.#drop(entry) };
  }

  every(periodMs: number, run: () => void): Timer {
    let timer: Timer;
    const again = () => {
      timer = this.after(periodMs, again);
      run();
    };
    timer = this.after(periodMs, again);
    return { cancel: () => timer.cancel() };
  }

  /** Moves on by `ms`, running on the way what is due. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let entry = this.#next(endMs); entry; entry = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, entry.atMs);
      this.#drop(entry);
      entry.run();
    }
    this.#nowMs = endMs;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#entries.length;
  }

  #next(endMs: number): Entry | undefined {
    const due = this.#entries.filter((entry) => entry.atMs <= endMs);
    return due.sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  }

  #drop(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}
