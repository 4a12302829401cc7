import { asc, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "./open.ts";

/** One table of resources, its statements prepared. */
export interface Rows<Row> {
  /** Inserts the row, or changes the one that has its id and keeps that one's place in the order. */
  put(row: Row): void;
  /** Removes the row and what cannot be without it; an unknown id is no error. */
  remove(id: string): void;
  find(id: string): Row | undefined;
  /** Every row, in order of creation. */
  all(): Row[];
}

type ResourceTable = SQLiteTable & { id: SQLiteColumn; position: SQLiteColumn };
type RowOf<Table extends ResourceTable> = Omit<Table["$inferSelect"], "position">;

/** The statements of a table whose rows have an `id` for others and a `position` for their order. */
export function prepareRows<Table extends ResourceTable>(
  database: Database,
  table: Table,
): Rows<RowOf<Table>> {
  const { position: _position, ...columns } = getTableColumns(table as ResourceTable) as Record<
    string,
    SQLiteColumn
  >;
  const { id: _id, ...changeable } = columns;
  const put = database.insert(table as ResourceTable)
    .values(placeholders(columns))
    .onConflictDoUpdate({ target: table.id, set: excluded(changeable) })
    .prepare();
  const remove = database.delete(table).where(eq(table.id, sql.placeholder("id"))).prepare();
  const find = database.select(columns).from(table as ResourceTable).where(
    eq(table.id, sql.placeholder("id")),
  )
    .prepare();
  const all = database.select(columns).from(table as ResourceTable).orderBy(asc(table.position)).prepare();
  return {
    put: (row) => void put.run(row as Record<string, unknown>),
    remove: (id) => void remove.run({ id }),
    find: (id) => find.get({ id }) as RowOf<Table> | undefined,
    all: () => all.all() as RowOf<Table>[],
  };
}

function placeholders(columns: Record<string, SQLiteColumn>): Record<string, SQL | unknown> {
  return Object.fromEntries(Object.keys(columns).map((name) => [name, sql.placeholder(name)]));
}

function excluded(columns: Record<string, SQLiteColumn>): Record<string, SQL> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]),
  );
}
