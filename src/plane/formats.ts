import { keyframeDetector, parameterSetDetector, type PayloadDetector } from "../rtp/mod.ts";
import type { PayloadSpec } from "./control.ts";
import { MAX_FORMATS } from "./limits.ts";

/** One codec with its parameters, interned: packets carry its `index` only. */
export interface Format {
  /** 1 … MAX_FORMATS; 0 is "none". */
  readonly index: number;
  readonly codec: string;
  readonly format: string;
  readonly clockRate: number;
  readonly startsKeyframe: PayloadDetector;
  readonly carriesParameterSets: PayloadDetector;
}

/** All formats this plane has met. */
export class FormatTable {
  readonly #formats: (Format | null)[] = [null];
  readonly #byName = new Map<string, Format>();

  /** The one Format for a negotiated payload, or null when the table is full. */
  intern(payload: PayloadSpec): Format | null {
    const name = `${payload.codec} ${payload.format} ${payload.clockRate}`;
    const known = this.#byName.get(name);
    if (known) return known;
    if (this.#formats.length > MAX_FORMATS) return null;
    const { codec, format, clockRate } = payload;
    const made: Format = {
      index: this.#formats.length,
      codec,
      format,
      clockRate,
      startsKeyframe: keyframeDetector(codec),
      carriesParameterSets: parameterSetDetector(codec),
    };
    this.#formats.push(made);
    this.#byName.set(name, made);
    return made;
  }

  /** The format of an index that `intern` gave. */
  at(index: number): Format | null {
    return this.#formats[index];
  }
}
