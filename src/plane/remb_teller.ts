// hot
import { RembEstimate } from "./remb.ts";

/** An unchanged figure is repeated this often, because RTCP may get lost. */
const REPEAT_MS = 1000;
/** A bound that was lifted is said to be so this often: what a browser was told last holds until it hears otherwise. */
const LIFTED_TIMES = 5;
/** "No bound": more than any video has, and exact in REMB's 18-bit mantissa. */
const NO_BOUND_BPS = 2 ** 30;

/** What one publisher was told by REMB, and when it is to be told again. */
export class RembTeller {
  readonly estimate = new RembEstimate();
  /** Bit/s; 0 for nothing yet. */
  toldBps = 0;
  nextStepMs = 0;
  expected = 0;
  received = 0;
  #toldMs = 0;
  #liftedLeft = 0;

  /** What to tell of a bound alone, `Infinity` for none; 0 for nothing. */
  figureOf(boundBps: number): number {
    if (boundBps < Infinity) {
      this.#liftedLeft = LIFTED_TIMES;
      return boundBps;
    }
    return this.#liftedLeft > 0 ? NO_BOUND_BPS : 0;
  }

  /** True when `bps` is to be sent now; the caller then sends it. */
  isDue(bps: number, nowMs: number): boolean {
    if (bps === 0 || bps === this.toldBps && nowMs - this.#toldMs < REPEAT_MS) return false;
    this.toldBps = bps;
    this.#toldMs = nowMs;
    if (bps === NO_BOUND_BPS) this.#liftedLeft--;
    return true;
  }
}
