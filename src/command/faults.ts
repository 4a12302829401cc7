import { AppError } from "../base/mod.ts";

/** Gathers refusals that are about fields of one body, so that a caller hears of all of them at once. */
export class Faults {
  readonly #errors: AppError[] = [];

  /** Result of `work`, or undefined when it refused a field; every other error goes on. */
  attempt<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AppError) || error.fields.length === 0) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /** Throws what was gathered: a single refusal as it is, several as one body_invalid with all their fields. */
  throwAny(task: string): void {
    if (this.#errors.length === 0) return;
    if (this.#errors.length === 1) throw this.#errors[0];
    const fields = this.#errors.flatMap((error) => error.fields);
    throw new AppError(
      "body_invalid",
      `Cannot ${task}: ${fields[0].pointer}: ${fields[0].detail}, and ${
        fields.length - 1
      } more, correct them all`,
      { fields },
    );
  }
}
