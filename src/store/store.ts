import type { EventEnvelope, EventLog } from "../event/mod.ts";
import type { Connection, Element, Pipeline, Recording, ServerObject, Session } from "../graph/mod.ts";
import { type Commit, commit, type Tables } from "./commit.ts";
import { EventRows } from "./events.ts";
import { type IdempotencyRows, openIdempotency } from "./idempotency.ts";
import { openDatabase } from "./open.ts";
import { prepareRows } from "./rows.ts";
import { connections, elements, pipelines, recordings, serverObject, sessions } from "./schema.ts";

/** Everything that survives a crash. Whatever a call has written is durable against the process's end on return. */
export interface Store {
  /** Rows and events in one transaction; events get their numbers here. Throws when nothing was written. */
  commit(change: Commit): EventEnvelope[];
  /** Every resource, each kind in order of creation. */
  load(): { pipelines: Pipeline[]; elements: Element[]; connections: Connection[]; sessions: Session[] };
  /** Every file that recorders wrote, in order of creation. */
  recordings(): Recording[];
  /** The server as an object, null before a client changed anything of it. */
  serverObject(): ServerObject | null;
  recording(id: string): Recording | undefined;
  readonly events: EventLog;
  readonly idempotency: IdempotencyRows;
  close(): void;
}

/**
 * Opens the database file at `path`, or one in memory for ":memory:". `keepEvents`: how many of the newest events
 * stay readable, at least 1. A file that cannot be used throws an Error with a sentence for the operator.
 */
export function openStore(path: string, options: { keepEvents?: number } = {}): Store {
  const { database, close } = openDatabase(path);
  const tables: Tables = {
    pipelines: prepareRows(database, pipelines),
    elements: prepareRows(database, elements),
    connections: prepareRows(database, connections),
    sessions: prepareRows(database, sessions),
    recordings: prepareRows(database, recordings),
    serverObject: prepareRows(database, serverObject),
  };
  const events = new EventRows(database, options.keepEvents ?? 100_000);
  return {
    commit: (change) => commit(database, tables, events, change),
    load: () => ({
      pipelines: tables.pipelines.all(),
      elements: tables.elements.all(),
      connections: tables.connections.all(),
      sessions: tables.sessions.all(),
    }),
    recordings: () => tables.recordings.all(),
    serverObject: () => tables.serverObject.all().at(0) ?? null,
    recording: (id) => tables.recordings.find(id),
    events,
    idempotency: openIdempotency(database),
    close,
  };
}
