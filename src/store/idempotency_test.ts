import { expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "./mod.ts";

const response = { status: 201, headers: { location: "/v1/pipelines/p" }, body: '{"id":"p"}' };

test("a key is new once, then in flight, then answered as before", () => {
  const { idempotency, close } = openStore(":memory:");
  expect(idempotency.begin("k", "POST /v1/pipelines", "f", 1000)).toEqual({ state: "new" });
  expect(idempotency.begin("k", "POST /v1/pipelines", "f", 1001)).toEqual({ state: "inFlight" });
  idempotency.finish("k", "POST /v1/pipelines", response);
  expect(idempotency.begin("k", "POST /v1/pipelines", "f", 1002)).toEqual({ state: "done", ...response });
  close();
});

test("a key used for another request differs, in flight and done, and is new in another scope", () => {
  const { idempotency, close } = openStore(":memory:");
  idempotency.begin("k", "scope", "one", 1000);
  expect(idempotency.begin("k", "scope", "two", 1000)).toEqual({ state: "differs" });
  idempotency.finish("k", "scope", response);
  expect(idempotency.begin("k", "scope", "two", 1000)).toEqual({ state: "differs" });
  expect(idempotency.begin("k", "other scope", "two", 1000)).toEqual({ state: "new" });
  close();
});

test("an abandoned key is new again, an answered one cannot be abandoned or answered anew", () => {
  const { idempotency, close } = openStore(":memory:");
  idempotency.begin("k", "scope", "f", 1000);
  idempotency.abandon("k", "scope");
  expect(idempotency.begin("k", "scope", "f", 1000)).toEqual({ state: "new" });
  idempotency.finish("k", "scope", response);
  idempotency.abandon("k", "scope");
  idempotency.finish("k", "scope", { status: 500, headers: {}, body: "" });
  expect(idempotency.begin("k", "scope", "f", 1000)).toEqual({ state: "done", ...response });
  close();
});

test("sweeping forgets the keys begun before a moment and no others", () => {
  const { idempotency, close } = openStore(":memory:");
  for (const [key, atMs] of [["old", 1000], ["edge", 2000], ["young", 3000]] as const) {
    idempotency.begin(key, "scope", "f", atMs);
    idempotency.finish(key, "scope", response);
  }
  idempotency.sweep(2000);
  expect(idempotency.begin("old", "scope", "f", 4000).state).toBe("new");
  expect(idempotency.begin("edge", "scope", "f", 4000).state).toBe("done");
  expect(idempotency.begin("young", "scope", "f", 4000).state).toBe("done");
  close();
});

test("after a restart answers are still known and requests that were in flight count as new", () => {
  const folder = mkdtempSync(join(tmpdir(), "kaskado-idempotency-"));
  const before = openStore(join(folder, "kaskado.sqlite"));
  before.idempotency.begin("done", "scope", "f", 1000);
  before.idempotency.finish("done", "scope", response);
  before.idempotency.begin("crashed", "scope", "f", 1000);
  before.close();
  const after = openStore(join(folder, "kaskado.sqlite"));
  expect(after.idempotency.begin("done", "scope", "f", 2000).state).toBe("done");
  expect(after.idempotency.begin("crashed", "scope", "f", 2000).state).toBe("new");
  after.close();
  rmSync(folder, { recursive: true });
});
