import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import Client from "better-sqlite3";
import { sql } from "drizzle-orm";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { readMigrationFiles } from "drizzle-orm/migrator";

export type Database = BetterSQLite3Database;

export interface Connected {
  database: Database;
  close(): void;
}

const migrationsFolder = fileURLToPath(new URL("../../migrations", import.meta.url));
/** How long to wait for a foreign reader (a backup, a curious sqlite3) that holds the file. */
const busyTimeoutMs = 5000;

/**
 * Opens the SQLite file at `path` (":memory:" for one that ends with the process), makes it and its folder when
 * missing, and brings its tables up to date. What cannot be used throws with a sentence for the operator.
 */
export function openDatabase(path: string): Connected {
  let lock: Deno.FsFile | null = null;
  let client: SqliteClient | null = null;
  try {
    lock = path === ":memory:" ? null : lockFor(path);
    client = new Client(path, { timeout: busyTimeoutMs }) as SqliteClient;
    const database = drizzle(client);
    prepareDatabase(client, database, path);
    return { database, close: () => closeAll(client, lock) };
  } catch (error) {
    closeAll(client, lock);
    throw explained(error, path);
  }
}

/** The part of better-sqlite3 (which carries no types) that is used beside drizzle. */
interface SqliteClient {
  pragma(source: string, options?: { simple: boolean }): unknown;
  close(): void;
}

class UnusableDatabase extends Error {}

function prepareDatabase(client: SqliteClient, database: Database, path: string): void {
  client.pragma("journal_mode = WAL");
  client.pragma("synchronous = NORMAL");
  const damage = client.pragma("quick_check(1)", { simple: true });
  if (damage !== "ok") throw new UnusableDatabase(damagedSentence(path, String(damage)));
  refuseNewer(database, path);
  // A migration may have to rebuild a table that others refer to.
  client.pragma("foreign_keys = OFF");
  migrate(database, { migrationsFolder });
  client.pragma("foreign_keys = ON");
}

/** Two servers on one file would give the same number to two events. The lock ends with the process that holds it. */
function lockFor(path: string): Deno.FsFile {
  mkdirSync(dirname(path), { recursive: true });
  const file = Deno.openSync(`${path}.lock`, { create: true, write: true });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new UnusableDatabase(
    `Cannot open the database ${path}: another server process uses it, stop that one or set another KASKADO_DATA_DIR`,
  );
}

function refuseNewer(database: Database, path: string): void {
  const journal = database.get<{ name: string } | undefined>(
    sql`SELECT name FROM sqlite_master WHERE name = '__drizzle_migrations'`,
  );
  if (!journal) return;
  const { newest } = database.get<{ newest: number | null }>(
    sql`SELECT max(created_at) AS newest FROM __drizzle_migrations`,
  );
  const known = readMigrationFiles({ migrationsFolder }).at(-1)?.folderMillis ?? 0;
  if (Number(newest ?? 0) <= known) return;
  throw new UnusableDatabase(
    `Cannot open the database ${path}: a newer version of Kaskado wrote it, ` +
      `start that version or set another KASKADO_DATA_DIR`,
  );
}

function damagedSentence(path: string, found: string): string {
  return `Cannot open the database ${path}: it is no sound SQLite file (${found.split("\n").at(-1)}), ` +
    `move it away to start empty or put a backup in its place`;
}

function explained(error: unknown, path: string): Error {
  if (error instanceof UnusableDatabase) return error;
  const code = (error as { code?: unknown }).code;
  const message = error instanceof Error ? error.message : String(error);
  if (code === "SQLITE_NOTADB" || String(code).startsWith("SQLITE_CORRUPT")) {
    return new UnusableDatabase(damagedSentence(path, message), { cause: error });
  }
  return new UnusableDatabase(
    `Cannot open the database ${path}: ${message}, check that its folder is there and may be written`,
    { cause: error },
  );
}

function closeAll(client: SqliteClient | null, lock: Deno.FsFile | null): void {
  client?.close();
  lock?.close();
}
