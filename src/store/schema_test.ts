import { expect, test } from "vitest";
import { getTableColumns, getTableName, sql } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { openDatabase } from "./open.ts";
import * as schema from "./schema.ts";

const tables = Object.values(schema);

test.each(tables.map((table) => [getTableName(table), table] as const))(
  "the migrations make the table %s as the schema says",
  (name, table) => {
    const { database, close } = openDatabase(":memory:");
    const found = database.all<{ name: string; type: string; notnull: number }>(
      sql`SELECT name, lower(type) AS type, "notnull" FROM pragma_table_info(${name})`,
    );
    const wanted = Object.values(getTableColumns(table)).map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      notnull: Number(column.notNull),
    }));
    expect(found).toEqual(wanted);
    close();
  },
);

test.each(tables.map((table) => [getTableName(table), table] as const))(
  "the migrations make the indices and references of %s as the schema says",
  (name, table) => {
    const { database, close } = openDatabase(":memory:");
    const made = database.all<{ name: string }>(
      sql`SELECT name FROM pragma_index_list(${name}) WHERE origin = 'c' ORDER BY name`,
    );
    const { indexes, foreignKeys, columns } = getTableConfig(table);
    const unique = columns.filter((column) => column.isUnique).map((column) => column.uniqueName!);
    expect(made.map((each) => each.name)).toEqual(
      [...indexes.map((each) => each.config.name), ...unique].sort(),
    );
    const references = database.all<{ from: string; table: string; on_delete: string }>(
      sql`SELECT "from", "table", on_delete FROM pragma_foreign_key_list(${name}) ORDER BY "from"`,
    );
    const wanted = foreignKeys.map((key) => ({
      from: key.reference().columns[0].name,
      table: getTableName(key.reference().foreignTable),
      on_delete: key.onDelete!.toUpperCase(),
    }));
    expect(references).toEqual(wanted.sort((a, b) => a.from < b.from ? -1 : 1));
    close();
  },
);
