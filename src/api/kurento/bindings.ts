import type { Connection } from "./connection.ts";

/** Which connection hears of which session. Each has at most one of the other, and the latest binding wins. */
export class Bindings {
  readonly #connections = new Map<string, Connection>();

  bind(sessionId: string, connection: Connection): void {
    if (!connection.isOpen || connection.sessionId === sessionId) return;
    const former = this.#connections.get(sessionId);
    if (former) former.sessionId = null;
    this.release(connection);
    connection.sessionId = sessionId;
    this.#connections.set(sessionId, connection);
  }

  /** The connection stands for no session any more. */
  release(connection: Connection): void {
    if (connection.sessionId !== null) this.#connections.delete(connection.sessionId);
    connection.sessionId = null;
  }

  /** The connection that hears of a session, or undefined: then its events are lost. */
  of(sessionId: string): Connection | undefined {
    return this.#connections.get(sessionId);
  }

  /** Sessions with a connection. */
  sessionIds(): Iterable<string> {
    return this.#connections.keys();
  }
}
