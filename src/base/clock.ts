/** A running timer; `cancel` is safe to call twice. */
export interface Timer {
  cancel(): void;
}

/** Time as the house sees it. Everything above `base` takes a Clock or a plain `nowMs` instead of asking the system. */
export interface Clock {
  /** Milliseconds since the Unix epoch, fractional, never going back within a process. */
  now(): number;
  /** Calls `run` once after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void): Timer;
}

/** The real clock: wall time at start plus the monotonic counter, so that a clock step never moves media time. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, run) {
    const id = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(id) };
  },
  every(periodMs, run) {
    const id = setInterval(run, periodMs);
    return { cancel: () => clearInterval(id) };
  },
};
