/** What a link does to what is sent over it. Fractions are 0–1, times milliseconds. */
export interface LinkOptions {
  seed: number;
  lossFraction?: number;
  duplicateFraction?: number;
  /** This part of the packets is late by `reorderMs`, so that later ones overtake it. */
  reorderFraction?: number;
  reorderMs?: number;
  delayMs?: number;
}

/** A one-way path with loss, duplication, reordering and delay, repeatable by its seed; time is given, never read. */
export class LossyLink<T> {
  readonly #options: LinkOptions;
  readonly #inFlight: { atMs: number; order: number; item: T }[] = [];
  #state: number;
  #order = 0;
  lost = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#state = options.seed >>> 0;
  }

  send(item: T, nowMs: number): void {
    const { lossFraction = 0, duplicateFraction = 0, reorderFraction = 0 } = this.#options;
    if (this.#random() < lossFraction) {
      this.lost++;
      return;
    }
    this.#put(item, nowMs, this.#random() < reorderFraction);
    if (this.#random() < duplicateFraction) this.#put(item, nowMs, true);
  }

  /** Takes what has arrived by `nowMs`, in order of arrival. */
  receive(nowMs: number): T[] {
    const arrived = this.#inFlight.filter((entry) => entry.atMs <= nowMs);
    for (const entry of arrived) this.#inFlight.splice(this.#inFlight.indexOf(entry), 1);
    return arrived.sort((a, b) => a.atMs - b.atMs || a.order - b.order).map((entry) => entry.item);
  }

  #put(item: T, nowMs: number, late: boolean): void {
    const { delayMs = 0, reorderMs = 5 } = this.#options;
    this.#inFlight.push({ atMs: nowMs + delayMs + (late ? reorderMs : 0), order: this.#order++, item });
  }

  /** mulberry32: small, seeded, good enough to lose packets by. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
}
