import { type Element, MapEdit, type Session } from "../graph/mod.ts";

/** The sessions of a pipeline while a turn changes them; those it started from stay as they are. */
export class SessionChanges {
  readonly #before: ReadonlyMap<string, Session>;
  /** Null until something changes: most turns change no session. */
  #edit: MapEdit<Session> | null = null;
  readonly #put = new Map<string, Session>();
  readonly #removed = new Set<string>();

  constructor(before: ReadonlyMap<string, Session>) {
    this.#before = before;
  }

  get(sessionId: string): Session | undefined {
    return (this.#edit ?? this.#before).get(sessionId);
  }

  /** Sessions that run on this element. */
  of(element: Element): Session[] {
    // An element that was made for a session carries no other. The rest are few, and leave seldom.
    const ids = element.sessionId === null
      ? new Set([...this.#before.keys(), ...this.#put.keys()])
      : [element.sessionId];
    return [...ids].map((id) => this.get(id)).filter((session) => session?.elementId === element.id)
      .filter((session) => session !== undefined);
  }

  put(session: Session): void {
    this.#writable().set(session.id, session);
    this.#put.set(session.id, session);
  }

  remove(sessionId: string): void {
    this.#writable().delete(sessionId);
    this.#put.delete(sessionId);
    if (this.#before.has(sessionId)) this.#removed.add(sessionId);
  }

  /** Rows to write; null when there are none. */
  rows(): { putSessions: Session[]; removeSessions: string[] } | null {
    if (this.#put.size + this.#removed.size === 0) return null;
    return { putSessions: [...this.#put.values()], removeSessions: [...this.#removed] };
  }

  /** The sessions as the turn leaves them. Nothing may be changed after that. */
  done(): ReadonlyMap<string, Session> {
    return this.#edit?.done() ?? this.#before;
  }

  #writable(): MapEdit<Session> {
    return this.#edit ??= new MapEdit(this.#before);
  }
}
