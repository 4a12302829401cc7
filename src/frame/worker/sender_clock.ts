import { timestampDelta } from "../../rtp/mod.ts";
import { low32 } from "./extended_timestamp.ts";

/**
 * The RTP clock of a stream against wall time. By the sender's reports where there are any, so that what is made of
 * one stream stays in step with what another path carries of the same sender; else by when its frames came.
 */
export class SenderClock {
  readonly #clockRate: number;
  #ntpMs = 0;
  #timestamp = 0;
  #atMs = -1;
  #isReported = false;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** A sender report came at `nowMs`. */
  report(ntpMs: number, timestamp: number, nowMs: number): void {
    this.#ntpMs = ntpMs;
    this.#timestamp = low32(timestamp);
    this.#atMs = nowMs;
    this.#isReported = true;
  }

  /** A frame came at `nowMs`: the earliest one seen against its time stamp says where the clock stands. */
  frame(timestamp: number, nowMs: number): void {
    if (this.#isReported) return;
    const stamp = low32(timestamp);
    if (
      this.#atMs >= 0 && timestampDelta(stamp, this.timestampAt(nowMs)) <= 0 && this.#isNear(stamp, nowMs)
    ) return;
    this.#ntpMs = nowMs;
    this.#timestamp = stamp;
    this.#atMs = nowMs;
  }

  /** Whether anything is known yet. */
  get isKnown(): boolean {
    return this.#atMs >= 0;
  }

  /** The sender's wall time now, in ms since the Unix epoch. */
  ntpMsAt(nowMs: number): number {
    return this.#ntpMs + (nowMs - this.#atMs);
  }

  /** The stream's RTP clock now, 32 bits. */
  timestampAt(nowMs: number): number {
    return low32(this.#timestamp + (nowMs - this.#atMs) * this.#clockRate / 1000);
  }

  /** Less than two seconds behind: more is a stream that began anew. */
  #isNear(timestamp: number, nowMs: number): boolean {
    return -timestampDelta(timestamp, this.timestampAt(nowMs)) < 2 * this.#clockRate;
  }
}
