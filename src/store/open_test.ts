import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { anEvent, aPipeline } from "../../test/kit/graph.ts";
import { openStore } from "./mod.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kaskado-open-"));
  path = join(folder, "kaskado.sqlite");
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("opening", () => {
  test("makes folder, file and tables where there is nothing", () => {
    const store = openStore(join(folder, "not", "there", "yet", "kaskado.sqlite"));
    expect(store.load().pipelines).toEqual([]);
    store.close();
  });

  test("an existing file keeps its rows and is migrated only once", () => {
    for (const name of ["one", "two"]) {
      const store = openStore(path);
      store.commit({ putPipelines: [aPipeline(name)], events: [anEvent("ObjectCreated")] });
      store.close();
    }
    const store = openStore(path);
    expect(store.load().pipelines.map((each) => each.id)).toEqual(["one", "two"]);
    expect(store.events.newest()).toBe(2);
    store.close();
    const client = new Client(path);
    const journal = new URL("../../migrations/meta/_journal.json", import.meta.url);
    const count = JSON.parse(readFileSync(journal, "utf8")).entries.length;
    expect(client.prepare("SELECT count(*) AS count FROM __drizzle_migrations").get()).toEqual({ count });
    expect(client.pragma("journal_mode", { simple: true })).toBe("wal");
    client.close();
  });
});

describe("refusing", () => {
  test("a file of a newer version, and says which version to start", () => {
    openStore(path).close();
    const client = new Client(path);
    client.prepare("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 99999999999999)").run();
    client.close();
    expect(() => openStore(path)).toThrow(/a newer version of Kaskado wrote it, start that version/);
  });

  test("a file that is no database, and leaves it as it was", () => {
    const garbage = "this is not SQLite ".repeat(400);
    writeFileSync(path, garbage);
    expect(() => openStore(path)).toThrow(/it is no sound SQLite file .*move it away/);
    expect(readFileSync(path, "utf8")).toBe(garbage);
  });

  test("a database with damaged pages", () => {
    const store = openStore(path);
    for (let i = 0; i < 200; i++) {
      store.commit({ putPipelines: [aPipeline(`p${i}`)], events: [anEvent("Tick")] });
    }
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 8192, bytes.length - 4096);
    writeFileSync(path, bytes);
    expect(() => openStore(path)).toThrow(/it is no sound SQLite file .*move it away/);
  });

  test("a file that another store has open, until that one is closed", () => {
    const first = openStore(path);
    expect(() => openStore(path)).toThrow(/another server process uses it/);
    first.close();
    openStore(path).close();
  });

  test("a path that cannot be", () => {
    writeFileSync(path, "");
    expect(() => openStore(join(path, "kaskado.sqlite"))).toThrow(
      /^Cannot open the database .*check that its folder/,
    );
  });
});
