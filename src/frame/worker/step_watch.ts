import type { Clock, Timer } from "../../base/mod.ts";

/** A step inside of FFmpeg that takes longer than this never ends. */
const STEP_LIMIT_MS = 10_000;
const LOOK_PERIOD_MS = 1000;

/** Notices steps on other threads that hang; a timer for each picture would cost more than the look. */
export class StepWatch {
  readonly #clock: Clock;
  readonly #began = new Set<{ ms: number }>();
  readonly #timer: Timer;

  constructor(clock: Clock, hung: () => void) {
    this.#clock = clock;
    this.#timer = clock.every(LOOK_PERIOD_MS, () => {
      // The first of a set is the oldest.
      for (const { ms } of this.#began) {
        if (clock.now() - ms > STEP_LIMIT_MS) hung();
        return;
      }
    });
  }

  async guarded<T>(step: Promise<T>): Promise<T> {
    const began = { ms: this.#clock.now() };
    this.#began.add(began);
    try {
      return await step;
    } finally {
      this.#began.delete(began);
    }
  }

  close(): void {
    this.#timer.cancel();
  }
}
