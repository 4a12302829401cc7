import { and, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "./open.ts";
import { idempotency } from "./schema.ts";

/** An answer as it was given, to be given again. */
export interface StoredResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What is known of a key: nothing yet, its request is being worked on, its answer, or another request's key. */
export type IdempotencyState =
  | { state: "new" }
  | { state: "inFlight" }
  | ({ state: "done" } & StoredResponse)
  | { state: "differs" };

/**
 * Answers to requests that carried an Idempotency-Key, so that a repeated request has one effect.
 *
 *   (none) --begin--> in flight --finish--> done --sweep--> (none)
 *                     in flight --abandon, restart--> (none)
 */
export interface IdempotencyRows {
  /**
   * Asks for a key and, when it is new, takes it. `scope` is what the key is unique in (method, path, caller);
   * `fingerprint` tells two requests with one key apart.
   */
  begin(key: string, scope: string, fingerprint: string, nowMs: number): IdempotencyState;
  /** Keeps the answer of a request that was begun. */
  finish(key: string, scope: string, response: StoredResponse): void;
  /** Gives the key back: the request failed in a way that is worth repeating. */
  abandon(key: string, scope: string): void;
  /** Forgets every key begun before this moment (milliseconds since the epoch). */
  sweep(olderThanMs: number): void;
}

/** Opens the table; requests that were in flight when the process ended count as never made. */
export function openIdempotency(database: Database): IdempotencyRows {
  database.delete(idempotency).where(isNull(idempotency.status)).run();
  const statements = prepare(database);
  return {
    begin(key, scope, fingerprint, nowMs) {
      const known = statements.find.get({ key, scope });
      if (known) return stateOf(known, fingerprint);
      statements.begin.run({ key, scope, fingerprint, startedAtMs: nowMs });
      return { state: "new" };
    },
    finish: (key, scope, { status, headers, body }) => {
      statements.finish.run({ key, scope, status, headers: JSON.stringify(headers), body });
    },
    abandon: (key, scope) => void statements.abandon.run({ key, scope }),
    sweep: (olderThanMs) => void statements.sweep.run({ olderThanMs }),
  };
}

function stateOf(known: typeof idempotency.$inferSelect, fingerprint: string): IdempotencyState {
  if (known.fingerprint !== fingerprint) return { state: "differs" };
  if (known.status === null) return { state: "inFlight" };
  return { state: "done", status: known.status, headers: known.headers ?? {}, body: known.body ?? "" };
}

function prepare(database: Database) {
  const { placeholder } = sql;
  const entry = and(eq(idempotency.key, placeholder("key")), eq(idempotency.scope, placeholder("scope")));
  return {
    find: database.select().from(idempotency).where(entry).prepare(),
    begin: database.insert(idempotency).values({
      key: placeholder("key"),
      scope: placeholder("scope"),
      fingerprint: placeholder("fingerprint"),
      startedAtMs: placeholder("startedAtMs"),
    }).prepare(),
    finish: database.update(idempotency).set({
      status: sql`${placeholder("status")}`,
      headers: sql`${placeholder("headers")}`,
      body: sql`${placeholder("body")}`,
    }).where(and(entry, isNull(idempotency.status))).prepare(),
    abandon: database.delete(idempotency).where(and(entry, isNull(idempotency.status))).prepare(),
    sweep: database.delete(idempotency).where(lt(idempotency.startedAtMs, placeholder("olderThanMs")))
      .prepare(),
  };
}
