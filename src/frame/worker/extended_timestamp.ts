import { timestampDelta } from "../../rtp/mod.ts";

/** Lets 32-bit RTP time stamps grow on over their end; later ones may lie before earlier ones. */
export class ExtendedTimestamp {
  #last = -1;

  /** The extended form that lies nearest to the last one; the first is its own. */
  extend(timestamp: number): number {
    const delta = this.#last < 0 ? 0 : timestampDelta(timestamp, this.#last % 2 ** 32);
    this.#last = this.#last < 0 ? timestamp + 2 ** 32 : this.#last + delta;
    return this.#last;
  }
}

/** The 32 bits that an extended time stamp has on the wire. */
export function low32(extended: number): number {
  return ((Math.round(extended) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
