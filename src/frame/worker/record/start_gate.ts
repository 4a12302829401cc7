import type { FrameMedia } from "../../types.ts";

/** Reports come every second or so: without them audio and video are tied by their arrivals. */
const REPORT_LIMIT_MS = 1500;

/** Says when a recording knows enough to begin: which kinds of media there are, and how their clocks stand. */
export class StartGate {
  readonly #wanted: readonly FrameMedia[];
  readonly #graceMs: number;
  readonly #seen = new Map<FrameMedia, { isReported: boolean }>();
  #firstMs: number | null = null;

  constructor(wanted: readonly FrameMedia[], graceMs: number) {
    this.#wanted = wanted;
    this.#graceMs = graceMs;
  }

  /** Kinds of which something came. */
  get media(): FrameMedia[] {
    return [...this.#seen.keys()];
  }

  frame(media: FrameMedia, isReported: boolean, nowMs: number): void {
    this.#seen.set(media, { isReported });
    this.#firstMs ??= nowMs;
  }

  isOpen(nowMs: number): boolean {
    if (this.#firstMs === null) return false;
    const waitedMs = nowMs - this.#firstMs;
    if (!this.#wanted.every((media) => this.#seen.has(media))) return waitedMs >= this.#graceMs;
    const isTied = this.#wanted.length < 2 || [...this.#seen.values()].every(({ isReported }) => isReported);
    return isTied || waitedMs >= REPORT_LIMIT_MS;
  }
}
