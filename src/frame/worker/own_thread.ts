/** A step that keeps the thread for longer would be felt by the other programs of the process. */
const SHORT_MS = 15;
/** So much of the last step goes into what the next one is expected to take. */
const SHARE = 0.1;

/**
 * Who may encode on the thread of the process itself. Handing pictures to a thread of the pool and back costs a tenth
 * of what encoding them costs, and caches find them no more; but there they are encoded side by side. So the thread is
 * for the one encoder of a process that has one, and for as long as its steps are short.
 */
export class OwnThread {
  #encoders = 0;

  /** For an encoder; it leaves when it closes. */
  enter(): Seat {
    this.#encoders++;
    return new Seat(() => this.#encoders === 1, () => this.#encoders--);
  }
}

/** What one encoder knows of its steps. */
export class Seat {
  readonly #isAlone: () => boolean;
  readonly #left: () => void;
  /** None is known to be short before it was seen. */
  #expectedMs = SHORT_MS;
  #isOpen = true;

  constructor(isAlone: () => boolean, left: () => void) {
    this.#isAlone = isAlone;
    this.#left = left;
  }

  /** The next step may be taken on the thread of the process. */
  get isOnOwnThread(): boolean {
    return this.#expectedMs < SHORT_MS && this.#isAlone();
  }

  /** A step took so long. */
  took(tookMs: number): void {
    this.#expectedMs += (tookMs - this.#expectedMs) * SHARE;
  }

  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#left();
  }
}
