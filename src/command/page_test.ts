import { expect, test } from "vitest";
import { AppError } from "../base/mod.ts";
import { pageOf } from "./page.ts";

const items = ["c", "a", "b", "e", "d"].map((id, index) => ({ id, createdAtMs: index < 3 ? 1.25 : 2 }));
const idsOf = (query: { limit: number; cursor?: string }) => {
  const page = pageOf(items, query, ({ id }) => id);
  return { ids: page.items, next: page.nextCursor };
};

test("pages follow the order of creation, ties by id, and end with no cursor", () => {
  const first = idsOf({ limit: 2 });
  const second = idsOf({ limit: 2, cursor: first.next! });
  const third = idsOf({ limit: 2, cursor: second.next! });
  expect([first.ids, second.ids, third.ids]).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  expect(third.next).toBeNull();
});

test("a page that is just full is the last one", () => {
  expect(idsOf({ limit: 5 })).toEqual({ ids: ["a", "b", "c", "d", "e"], next: null });
});

test("a cursor holds its place while rows before it come and go", () => {
  const { next } = idsOf({ limit: 2 });
  const page = pageOf(items.filter(({ id }) => id !== "b"), { limit: 2, cursor: next! }, ({ id }) => id);
  expect(page.items).toEqual(["c", "d"]);
});

test.each(["ü.webm", "録画/会議.webm", "🙂", "\ud83d"])("a page may end at %j", (name) => {
  const named = [{ id: name, createdAtMs: 1 }, { id: "after", createdAtMs: 2 }];
  const { nextCursor } = pageOf(named, { limit: 1 }, ({ id }) => id);
  expect(nextCursor).toMatch(/^[\w-]+$/);
  expect(pageOf(named, { limit: 1, cursor: nextCursor! }, ({ id }) => id).items).toEqual(["after"]);
});

test.each(["", "%%%", btoa('[1,"ü.webm"]'), "bnVsbA", btoa("[1]"), btoa('["1","a"]'), "🙂"])(
  "%j is no cursor",
  (cursor) => {
    let error: unknown;
    try {
      idsOf({ limit: 1, cursor });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe("cursor_invalid");
  },
);
