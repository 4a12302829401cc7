import { ExtendedSequence } from "../../rtp/mod.ts";

/** Packets that wait for an earlier one at most, and how far a number may jump before it is a new beginning. */
const MAX_WAITING = 512;
const MAX_JUMP = 3000;

/** What `ReorderWindow` hands on. */
export interface WindowTarget<T> {
  /** The next packet in order. */
  packet(item: T): void;
  /** Packets before the next one are lost. */
  gap(): void;
}

/**
 * Puts packets in the order of their sequence numbers. Loopback hardly reorders, but the plane forwards a packet that
 * was lost on the publisher's way as soon as it is sent again: others wait for it for `patienceMs`.
 */
export class ReorderWindow<T> {
  readonly #target: WindowTarget<T>;
  readonly #patienceMs: number;
  readonly #waiting = new Map<number, T>();
  #sequence = new ExtendedSequence();
  /** Extended number of the next packet to hand on; -1 before the first. */
  #next = -1;
  #waitingSinceMs = 0;
  lostCount = 0;
  /** Came twice, or after it was given up. */
  lateCount = 0;

  constructor(patienceMs: number, target: WindowTarget<T>) {
    this.#patienceMs = patienceMs;
    this.#target = target;
  }

  /** True while a packet is missed that may still come. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  take(sequenceNumber: number, item: T, nowMs: number): void {
    let number = this.#sequence.unwrap(sequenceNumber);
    if (this.#next >= 0 && Math.abs(number - this.#next) > MAX_JUMP) {
      this.#restart();
      number = sequenceNumber;
    }
    this.#sequence.update(number);
    if (this.#next < 0) this.#next = number;
    if (number < this.#next || this.#waiting.has(number)) {
      this.lateCount++;
      return;
    }
    if (this.#waiting.size === 0) this.#waitingSinceMs = nowMs;
    this.#waiting.set(number, item);
    this.#drain(nowMs);
    if (this.#waiting.size > MAX_WAITING) this.#giveUp(nowMs);
  }

  /** Gives up packets that have been missed for too long. */
  tick(nowMs: number): void {
    while (this.#waiting.size > 0 && nowMs - this.#waitingSinceMs >= this.#patienceMs) this.#giveUp(nowMs);
  }

  #drain(nowMs: number): void {
    while (this.#waiting.size > 0) {
      const item = this.#waiting.get(this.#next);
      if (item === undefined) return;
      this.#waiting.delete(this.#next++);
      // What still waits now waits for another packet.
      this.#waitingSinceMs = nowMs;
      this.#target.packet(item);
    }
  }

  #giveUp(nowMs: number): void {
    const first = Math.min(...this.#waiting.keys());
    this.lostCount += first - this.#next;
    this.#next = first;
    this.#target.gap();
    this.#drain(nowMs);
  }

  #restart(): void {
    this.#waiting.clear();
    this.#sequence = new ExtendedSequence();
    this.#next = -1;
    this.#target.gap();
  }
}
