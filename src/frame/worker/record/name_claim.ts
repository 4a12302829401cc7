import { RecordFault } from "./record_fault.ts";

/** Of the recorders of this worker, by the paths. */
const claims = new Map<string, NameClaim>();

/**
 * Whose a name is among the recorders of one worker: of the one that was told first to record there, though media may
 * reach another before it. Against other workers the files themselves are locked.
 */
export class NameClaim {
  readonly #path: string;
  readonly #released = Promise.withResolvers<void>();
  readonly #isEnding: () => boolean;

  private constructor(path: string, isEnding: () => boolean) {
    this.#path = path;
    this.#isEnding = isEnding;
  }

  /**
   * Until it is released, for who asks first; waits for a holder that is ending. `isEnding`: whether the one who asks now
   * is, when somebody else does. Rejects with RecordFault.
   */
  static async take(path: string, isEnding: () => boolean): Promise<NameClaim> {
    for (let holder = claims.get(path); holder; holder = claims.get(path)) {
      if (!holder.#isEnding()) {
        throw new RecordFault("RESOURCE_ERROR_OPEN", `Cannot write to ${path}: another recorder does`);
      }
      await holder.#released.promise;
    }
    const claim = new NameClaim(path, isEnding);
    claims.set(path, claim);
    return claim;
  }

  release(): void {
    if (claims.get(this.#path) === this) claims.delete(this.#path);
    this.#released.resolve();
  }
}
