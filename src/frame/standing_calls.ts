interface StandingCall {
  operation: string;
  input: Record<string, unknown>;
}

/**
 * The calls that make a program what it is now: repeated when its worker was replaced. Outputs with their last
 * bitrate, and whether a player plays or pauses.
 */
export class StandingCalls {
  readonly #outputs = new Map<unknown, StandingCall>();
  #state: StandingCall | null = null;

  note(operation: string, input: Record<string, unknown>): void {
    if (operation === "addOutput") this.#outputs.set(input.ssrc, { operation, input });
    else if (operation === "removeOutput") this.#outputs.delete(input.ssrc);
    else if (operation === "setBitrate") this.#changeOutput(input);
    else if (operation === "play" || operation === "pause") this.#state = { operation, input };
    else if (operation === "stop") this.#state = null;
  }

  all(): StandingCall[] {
    return [...this.#outputs.values(), ...(this.#state ? [this.#state] : [])];
  }

  #changeOutput(input: Record<string, unknown>): void {
    const output = this.#outputs.get(input.ssrc);
    if (output) output.input = { ...output.input, ...input };
  }
}
