/** Thrown when an invariant of our own is broken: a bug, never bad input. */
export class AssertionFailure extends Error {
  override name = "AssertionFailure";
}

/** Fails loudly when `condition` is false; `why` says why it can never be false. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new AssertionFailure(why);
}
