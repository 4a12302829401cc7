/** What a session keeps alive. */
interface Session {
  readonly objects: Set<string>;
  /** Since the last pass of the collector. */
  used: boolean;
}

/**
 * Who keeps which objects alive. A session is a name that clients choose or are given; it has a record here once it
 * has touched an object, and loses it with the first pass of the collector that finds it unused. An object that this
 * door made dies with the last reference to it; others may be held, and outlive it.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  /** Sessions that hold an object. */
  readonly #holders = new Map<string, Set<string>>();
  readonly #made = new Set<string>();

  /** Ids of the sessions that have a record, in order of their first touch. */
  ids(): string[] {
    return [...this.#sessions.keys()];
  }

  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /** Keeps a session over the next pass; false for one without a record. */
  use(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (session) session.used = true;
    return session !== undefined;
  }

  /** The session touched an object: it holds it now, and those around it (`line`: the object and its ancestors). */
  hold(sessionId: string, line: readonly string[]): void {
    let session = this.#sessions.get(sessionId);
    if (!session) this.#sessions.set(sessionId, session = { objects: new Set(), used: true });
    session.used = true;
    for (const objectId of line) this.#refer(sessionId, session, objectId);
  }

  /** This door made an object in `parentId`, if in any: who holds the parent holds it too. */
  add(objectId: string, parentId: string | null): void {
    this.#made.add(objectId);
    for (const sessionId of [...this.#holders.get(parentId ?? "") ?? []]) {
      this.#refer(sessionId, this.#sessions.get(sessionId)!, objectId);
    }
  }

  /** Ends a session's hold on one object; gives it back when it has to die of that. */
  letGo(sessionId: string, objectId: string): string[] {
    this.#sessions.get(sessionId)?.objects.delete(objectId);
    const holders = this.#holders.get(objectId);
    if (!holders?.delete(sessionId) || holders.size > 0) return [];
    this.#holders.delete(objectId);
    return this.#made.delete(objectId) ? [objectId] : [];
  }

  /** Ends a session; gives the objects that have to die of that. */
  end(sessionId: string): string[] {
    const held = [...this.#sessions.get(sessionId)?.objects ?? []];
    this.#sessions.delete(sessionId);
    return held.flatMap((objectId) => this.letGo(sessionId, objectId));
  }

  /** What this door made and the session holds. */
  madeAndHeld(sessionId: string): string[] {
    return [...this.#sessions.get(sessionId)?.objects ?? []].filter((objectId) => this.#made.has(objectId));
  }

  /** The object is gone, whoever held it. */
  forget(objectId: string): void {
    this.#made.delete(objectId);
    for (const sessionId of this.#holders.get(objectId) ?? []) {
      this.#sessions.get(sessionId)?.objects.delete(objectId);
    }
    this.#holders.delete(objectId);
  }

  /** One pass of the collector: the sessions that nobody used since the last pass. */
  collect(): string[] {
    const unused: string[] = [];
    for (const [sessionId, session] of this.#sessions) {
      if (!session.used) unused.push(sessionId);
      session.used = false;
    }
    return unused;
  }

  #refer(sessionId: string, session: Session, objectId: string): void {
    session.objects.add(objectId);
    let holders = this.#holders.get(objectId);
    if (!holders) this.#holders.set(objectId, holders = new Set());
    holders.add(sessionId);
  }
}
