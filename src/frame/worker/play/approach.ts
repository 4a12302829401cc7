import type { FrameMedia } from "../../types.ts";
import type { MediumTimes } from "./packet_times.ts";

/** Time stamps of milliseconds are rounded ones. */
const TOLERANCE_SECONDS = 0.002;

/**
 * The way to a position from the keyframe before it, where a source goes. What is over before the position is on the way:
 * it is needed to decode what follows, and not to be sent.
 */
export class Approach {
  readonly #kinds = new Set<FrameMedia>();
  /** Of the medium; below everything while there is no position to go to. */
  seconds = -Infinity;

  begin(seconds: number): void {
    this.seconds = seconds;
    this.#kinds.add("audio").add("video");
  }

  end(): void {
    this.seconds = -Infinity;
    this.#kinds.clear();
  }

  /** Whether a packet is on the way; packets are asked for in the order of their decode times. */
  isOnWay(media: FrameMedia, { presented, decoded, end }: MediumTimes): boolean {
    // Nothing that is presented earlier comes any more; and time may go back later on.
    if (decoded >= this.seconds) this.#kinds.delete(media);
    if (!this.#kinds.has(media)) return false;
    return presented < this.seconds - TOLERANCE_SECONDS && end <= this.seconds + TOLERANCE_SECONDS;
  }
}
