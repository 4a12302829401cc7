import type { Clock, Timer } from "../../../base/mod.ts";

/** Whoever has not taken a stream by then will not. */
const LIMIT_MS = 1000;

/**
 * Streams that were announced and are not yet known to the packet plane. What came there before would be dropped, and
 * without its first keyframe a stream of a file shows nothing until the next.
 */
export class AnnouncedStreams {
  readonly #clock: Clock;
  readonly #untaken = new Set<number>();
  #wake: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(ssrc: number): void {
    this.#untaken.add(ssrc);
  }

  /** Packets of this one are expected now. */
  taken(ssrc: unknown): void {
    this.#untaken.delete(Number(ssrc));
    if (this.#untaken.size === 0) this.#wake?.();
  }

  /** Resolves when all are taken, or nobody will take them any more. */
  async allTaken(): Promise<void> {
    if (this.#untaken.size === 0) return;
    let timer: Timer | null = null;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = this.#clock.after(LIMIT_MS, resolve);
    });
    timer!.cancel();
    this.#wake = null;
    this.#untaken.clear();
  }
}
