import type { EventEnvelope, NewEvent } from "../event/mod.ts";
import type { Connection, Element, Pipeline, Recording, ServerObject, Session } from "../graph/mod.ts";
import type { EventRows } from "./events.ts";
import type { Database } from "./open.ts";
import type { Rows } from "./rows.ts";

/** What one turn changes. Rows are removed first, sessions before pipelines; then put, pipelines before sessions. */
export interface Commit {
  putPipelines?: readonly Pipeline[];
  /** Takes the pipelines' elements, connections and sessions along. */
  removePipelines?: readonly string[];
  /** Hubs before their ports. */
  putElements?: readonly Element[];
  /** Takes the elements' connections and sessions along, and a hub's ports. */
  removeElements?: readonly string[];
  putConnections?: readonly Connection[];
  removeConnections?: readonly string[];
  putSessions?: readonly Session[];
  removeSessions?: readonly string[];
  putRecordings?: readonly Recording[];
  removeRecordings?: readonly string[];
  putServerObject?: ServerObject;
  events?: readonly NewEvent[];
}

/** The tables of resources. */
export interface Tables {
  pipelines: Rows<Pipeline>;
  elements: Rows<Element>;
  connections: Rows<Connection>;
  sessions: Rows<Session>;
  recordings: Rows<Recording>;
  serverObject: Rows<ServerObject>;
}

/** Writes rows and events in one transaction and returns the events with their numbers; all of it or nothing. */
export function commit(
  database: Database,
  tables: Tables,
  events: EventRows,
  change: Commit,
): EventEnvelope[] {
  const done = database.transaction(() => {
    writeRows(tables, change);
    const numbered = events.append(change.events ?? []);
    const newest = events.newest() + numbered.length;
    return { numbered, newest, oldest: events.trim(newest) };
  }, { behavior: "immediate" });
  events.settle(done.oldest, done.newest);
  return done.numbered;
}

function writeRows(tables: Tables, change: Commit): void {
  removeAll(tables.sessions, change.removeSessions);
  removeAll(tables.connections, change.removeConnections);
  removeAll(tables.elements, change.removeElements);
  removeAll(tables.pipelines, change.removePipelines);
  putAll(tables.pipelines, change.putPipelines);
  putAll(tables.elements, change.putElements);
  putAll(tables.connections, change.putConnections);
  putAll(tables.sessions, change.putSessions);
  removeAll(tables.recordings, change.removeRecordings);
  putAll(tables.recordings, change.putRecordings);
  if (change.putServerObject) tables.serverObject.put(change.putServerObject);
}

function putAll<Row>(rows: Rows<Row>, changed: readonly Row[] = []): void {
  for (const row of changed) rows.put(row);
}

function removeAll<Row>(rows: Rows<Row>, ids: readonly string[] = []): void {
  for (const id of ids) rows.remove(id);
}
