// hot
import type { RembParameters } from "./control.ts";

/** The estimate leads what really arrives by at most this, so that a sender can probe upwards but not leap. */
const HEADROOM = 1.5;
/** Room above the headroom, so that a stream that starts tiny can start to grow. */
const HEADROOM_BPS = 100_000;
/** Nobody is asked for less than this: there is no picture below. */
const LEAST_BPS = 30_000;

/**
 * What a publisher's path seems to carry, from what arrived and how much of it was lost, for publishers that do not
 * measure it themselves. Without much loss the estimate grows by a fraction per step; after the first fall it does so
 * up to a threshold below the rate that was lossy, and by little beyond it.
 */
export class RembEstimate {
  /** Bit/s, 0 before anything arrived. */
  bps = 0;
  /** 0 until the first fall. */
  #thresholdBps = 0;
  /** Fraction of packets lost, smoothed over the last `packetsRecvIntervalTop` packets. */
  #loss = 0;

  /** One step, of 200 ms: what arrived in the last second, and the packets expected and lost since the last step. */
  step(receivedBps: number, expected: number, lost: number, parameters: RembParameters): void {
    if (receivedBps === 0) return;
    const ceiling = Math.max(receivedBps * HEADROOM + HEADROOM_BPS, parameters.rembOnConnect);
    if (this.bps === 0) this.bps = parameters.rembOnConnect > 0 ? parameters.rembOnConnect : ceiling;
    if (expected > 0) {
      const before = this.#loss * parameters.packetsRecvIntervalTop;
      this.#loss = (before + Math.max(0, lost)) / (parameters.packetsRecvIntervalTop + expected);
    }
    if (this.#loss * 256 > parameters.upLosses) this.#fall(parameters);
    else this.bps = Math.min(ceiling, this.bps + this.#growth(parameters));
    this.bps = Math.max(LEAST_BPS, this.bps);
  }

  #fall(parameters: RembParameters): void {
    this.#thresholdBps = this.bps * parameters.thresholdFactor;
    this.bps *= parameters.decrementFactor;
    // The loss is answered: only what is lost from now on counts against the lower rate.
    this.#loss = 0;
  }

  #growth(parameters: RembParameters): number {
    if (this.#thresholdBps === 0 || this.bps < this.#thresholdBps) {
      return this.bps * parameters.exponentialFactor;
    }
    const graded = (this.bps - this.#thresholdBps) / parameters.linealFactorGrade;
    return Math.max(parameters.linealFactorMin, graded);
  }
}
