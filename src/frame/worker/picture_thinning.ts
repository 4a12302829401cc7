const CLOCK_RATE = 90_000;
/** How much earlier than due a picture may be, of the distance and at most: the clocks of cameras are not exact. */
const TOLERANCE = 0.4;
const MAX_TOLERANCE = CLOCK_RATE * 0.02;

/** Leaves out pictures where more come than are wanted, as evenly as their time stamps (90 kHz) allow. */
export class PictureThinning {
  /** Most pictures per second; null for all. */
  maxFps: number | null = null;
  #due = -Infinity;

  /** Whether the picture of this time stamp, which is above the one before, is one to give. */
  takes(timestamp: number): boolean {
    if (this.maxFps === null) return true;
    const distance = CLOCK_RATE / this.maxFps;
    if (timestamp < this.#due - Math.min(distance * TOLERANCE, MAX_TOLERANCE)) return false;
    // A pause is not made up for.
    const from = timestamp - this.#due < distance ? this.#due : timestamp;
    this.#due = from + distance;
    return true;
  }

  /** Time stamps begin anew. */
  restart(): void {
    this.#due = -Infinity;
  }
}
