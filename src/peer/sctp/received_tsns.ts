import { limits } from "../limits.ts";
import type { Sack } from "./chunk.ts";
import { tsnDistance, tsnPlus } from "./serial.ts";

/** Gaps that fit into one packet with room to spare; the others are told by a later acknowledgement. */
const GAPS_TOLD = 256;

/** Which TSNs have come: all up to `cumulative`, and ranges behind it. */
export class ReceivedTsns {
  /** Sorted, never touching each other, all behind `#cumulative`. */
  #ranges: { first: number; last: number }[] = [];
  #cumulative: number;

  constructor(initialTsn: number) {
    this.#cumulative = tsnPlus(initialTsn, -1);
  }

  get cumulative(): number {
    return this.#cumulative;
  }

  get hasGaps(): boolean {
    return this.#ranges.length > 0;
  }

  has(tsn: number): boolean {
    if (tsnDistance(this.#cumulative, tsn) <= 0) return true;
    const before = this.#ranges[this.#countUpTo(tsn) - 1] as { last: number } | undefined;
    return before !== undefined && tsnDistance(tsn, before.last) >= 0;
  }

  /** True when `tsn` could be noted: near enough, and no range too many. */
  fits(tsn: number): boolean {
    const ahead = tsnDistance(this.#cumulative, tsn);
    return ahead <= limits.sctpTsnsAhead && (ahead === 1 || this.#ranges.length < limits.sctpGaps);
  }

  /** Notes a TSN that has not come before. */
  add(tsn: number): void {
    if (tsn === tsnPlus(this.#cumulative, 1)) {
      this.#cumulative = tsn;
      this.#swallow();
      return;
    }
    this.#insert(this.#countUpTo(tsn), tsn);
  }

  /** Counts everything up to `tsn` as come. */
  forward(tsn: number): void {
    if (tsnDistance(this.#cumulative, tsn) <= 0) return;
    this.#cumulative = tsn;
    this.#swallow();
  }

  /** The ranges as a SACK tells them. */
  gaps(): Sack["gaps"] {
    return this.#ranges.slice(0, GAPS_TOLD).map(({ first, last }) => ({
      start: tsnDistance(this.#cumulative, first),
      end: tsnDistance(this.#cumulative, last),
    }));
  }

  /** How many ranges begin at `tsn` or before it; looked for from the end, where new ones mostly come. */
  #countUpTo(tsn: number): number {
    let count = this.#ranges.length;
    while (count > 0 && tsnDistance(tsn, this.#ranges[count - 1].first) > 0) count--;
    return count;
  }

  /** Puts `tsn` before range `at`, joining it with its neighbours. */
  #insert(at: number, tsn: number): void {
    const before = at > 0 ? this.#ranges[at - 1] : null;
    const after = this.#ranges.at(at) ?? null;
    const joinsBefore = before !== null && tsnPlus(before.last, 1) === tsn;
    const joinsAfter = at < this.#ranges.length && after !== null && tsnPlus(tsn, 1) === after.first;
    if (joinsBefore && joinsAfter) {
      before.last = after.last;
      this.#ranges.splice(at, 1);
    } else if (joinsBefore) before.last = tsn;
    else if (joinsAfter) after.first = tsn;
    else this.#ranges.splice(at, 0, { first: tsn, last: tsn });
  }

  /** Takes the ranges that `#cumulative` has reached. */
  #swallow(): void {
    let count = 0;
    for (const { first, last } of this.#ranges) {
      if (tsnDistance(tsnPlus(this.#cumulative, 1), first) > 0) break;
      if (tsnDistance(this.#cumulative, last) > 0) this.#cumulative = last;
      count++;
    }
    this.#ranges.splice(0, count);
  }
}
