/** A number that a double cannot hold, given back digit by digit. */
export class ExactId {
  readonly #digits: string;

  constructor(digits: string) {
    this.#digits = digits;
  }

  toString(): string {
    return this.#digits;
  }

  /** What JSON.stringify writes without quotes. */
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.#digits);
  }
}

/** The id of the request in `text`, which is valid JSON with a number as id, as it was written there. */
export function exactIdOf(text: string): ExactId {
  const written = new Map<unknown, string>();
  const keep = function (this: unknown, key: string, value: unknown, context?: { source?: string }): unknown {
    if (key === "id" && context?.source !== undefined) written.set(this, context.source);
    return value;
  };
  return new ExactId(written.get(JSON.parse(text, keep)) ?? "0");
}
