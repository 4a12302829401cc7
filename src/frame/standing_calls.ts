interface StandingCall {
  operation: string;
  input: Record<string, unknown>;
}

/**
 * The calls that make a program what it is now: repeated when its worker was replaced. Outputs with their last
 * bitrate, and whether a player plays or a recorder records, or pauses.
 */
export class StandingCalls {
  readonly #outputs = new Map<unknown, StandingCall>();
  #state: StandingCall | null = null;
  /** A recorder has begun: the next worker must not write over what the last one wrote. */
  #hasRecorded = false;

  note(operation: string, input: Record<string, unknown>): void {
    if (operation === "addOutput") this.#outputs.set(input.ssrc, { operation, input });
    else if (operation === "removeOutput") this.#outputs.delete(input.ssrc);
    else if (operation === "setBitrate") this.#changeOutput(input);
    else if (operation === "play" || operation === "pause") this.#state = { operation, input };
    else if (operation === "record") {
      this.#state = { operation, input };
      this.#hasRecorded = true;
    } else if (operation === "stop" || operation === "stopAndWait") this.#state = null;
  }

  all(): StandingCall[] {
    return [...this.#outputs.values(), ...(this.#state ? [this.#marked(this.#state)] : [])];
  }

  #marked({ operation, input }: StandingCall): StandingCall {
    return this.#hasRecorded ? { operation, input: { ...input, continued: true } } : { operation, input };
  }

  #changeOutput(input: Record<string, unknown>): void {
    const output = this.#outputs.get(input.ssrc);
    if (output) output.input = { ...output.input, ...input };
  }
}
