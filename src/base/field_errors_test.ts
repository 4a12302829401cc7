import { expect, test } from "vitest";
import { z } from "zod";
import { fieldErrorsOf, pointerOf } from "./field_errors.ts";

function pointersOf(schema: z.ZodType, value: unknown): string[] {
  return fieldErrorsOf(schema.safeParse(value).error?.issues ?? []).map((field) => field.pointer);
}

test("pointers escape tilde and slash (RFC 6901 section 3)", () => {
  expect(pointerOf(["a/b", "m~n", 0, ""])).toBe("/a~1b/m~0n/0/");
  expect(pointerOf([])).toBe("");
});

test("each wrong field and each unknown one has an entry", () => {
  const schema = z.strictObject({ name: z.string(), list: z.array(z.strictObject({ size: z.int() })) });
  const value = { name: 1, list: [{ size: 1, odd: 1 }, 5], more: 1, "even/more": 2 };
  expect(pointersOf(schema, value).sort()).toEqual([
    "/even~1more",
    "/list/0/odd",
    "/list/1",
    "/more",
    "/name",
  ]);
});

test("a union is told by the branch whose shape fits", () => {
  const schema = z.strictObject({ value: z.union([z.string(), z.strictObject({ at: z.int() })]) });
  expect(pointersOf(schema, { value: { at: "x" } })).toEqual(["/value/at"]);
  expect(pointersOf(schema, { value: true })).toEqual(["/value"]);
});
