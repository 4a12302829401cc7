// hot
/** Less than this makes no picture: whoever says less is given no less, and what little is sent says nothing of a path. */
export const FLOOR_BPS = 50_000;
/** More loss, and a round trip longer than the shortest by so much, tell of a full path. */
const MUCH_LOSS = 0.02;
const SLOWER_SECONDS = 0.1;
/** And what is said so soon after that is believed too. */
const TROUBLE_MS = 3000;
/** A figure that does not move for so long, while more is sent, is a limit that somebody has set. */
const STEADY_MS = 3000;
const STEADY = 0.005;
/** But for those that have moved more often, as what is measured does now and again; one move is forgotten in so long. */
const MOST_MOVES = 3;
const FORGET_MS = 10_000;

/**
 * What one viewer can be sent, from what its reports say. Browsers see no room that nobody fills: of a screen that stands
 * still they get a few kbit/s, say by REMB that they can take as much, and grow from there for a minute, although the
 * path carries all that is sent. So a figure below what was believed before counts only where loss or delay confirm it,
 * or where it is none that a browser measures.
 */
export class ViewerBound {
  /** What is believed, bit/s; `Infinity` before anything was. */
  bps = Infinity;
  #saidBps = 0;
  #steadySinceMs = 0;
  #moves = 0;
  #movesMs = 0;
  #troubleMs = -Infinity;
  #shortestSeconds = Infinity;

  /**
   * Takes what is known now: bit/s that it said last and that it is sent, the part of packets that it lost, and its
   * round trip (0 for not known). Gives what to believe.
   */
  take(
    saidBps: number,
    sentBps: number,
    fractionLost: number,
    roundTripSeconds: number,
    nowMs: number,
  ): number {
    if (fractionLost > MUCH_LOSS || this.#isSlow(roundTripSeconds)) this.#troubleMs = nowMs;
    const isLimit = this.#isSteady(saidBps, sentBps, nowMs);
    const isBelieved = saidBps >= this.bps || isLimit || nowMs - this.#troubleMs < TROUBLE_MS;
    if (isBelieved) this.bps = saidBps;
    return this.bps;
  }

  #isSlow(roundTripSeconds: number): boolean {
    if (roundTripSeconds === 0) return false;
    if (roundTripSeconds < this.#shortestSeconds) this.#shortestSeconds = roundTripSeconds;
    return roundTripSeconds > this.#shortestSeconds + SLOWER_SECONDS;
  }

  #isSteady(saidBps: number, sentBps: number, nowMs: number): boolean {
    this.#moves = Math.max(0, this.#moves - (nowMs - this.#movesMs) / FORGET_MS);
    this.#movesMs = nowMs;
    const isMoving = Math.abs(saidBps - this.#saidBps) > saidBps * STEADY;
    if (isMoving) this.#moves++;
    if (isMoving || sentBps <= Math.max(saidBps, FLOOR_BPS)) {
      this.#saidBps = saidBps;
      this.#steadySinceMs = nowMs;
      return false;
    }
    return this.#moves <= MOST_MOVES && nowMs - this.#steadySinceMs >= STEADY_MS;
  }
}
