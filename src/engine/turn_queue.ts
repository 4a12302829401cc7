import { AppError, type Clock } from "../base/mod.ts";

/**
 * The one writer of a pipeline: jobs run in the order they came, each to its end before the next begins. A job that
 * takes longer than its deadline is given up by its caller, and the queue goes on, because one stuck element must not
 * stop its pipeline for good.
 */
export class TurnQueue {
  /** Jobs taken so far: while it stays the same, nothing was asked for since. */
  places = 0;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #clock: Clock;
  readonly #deadlineMs: number;

  constructor(clock: Clock, deadlineMs: number) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  /** Runs `job` when its time has come. `giveUp` is called at its deadline: what the job does afterwards must not count. */
  run<Result>(job: () => Result | Promise<Result>, giveUp: () => void): Promise<Result> {
    this.places++;
    const turn = this.#tail.then(() => this.#withDeadline(job, giveUp));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  #withDeadline<Result>(job: () => Result | Promise<Result>, giveUp: () => void): Promise<Result> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(this.#deadlineMs, () => {
        reject(this.#late());
        giveUp();
      });
      Promise.resolve().then(job).then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #late(): AppError {
    return new AppError(
      "turn_deadline",
      `Cannot finish the request: the pipeline worked on it for ${this.#deadlineMs} ms, look at its state and ask again`,
    );
  }
}
