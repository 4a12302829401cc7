import { expect, test } from "vitest";
import { z } from "zod";
import type { AppError } from "../base/mod.ts";
import { checked } from "./check.ts";

const schema = z.strictObject({
  size: z.int().default(1),
  list: z.array(z.strictObject({ url: z.url() })).optional(),
});

function refusal(value: unknown): AppError {
  try {
    checked(schema, value, "/options", "make it");
  } catch (error) {
    return error as AppError;
  }
  throw new Error("it was accepted");
}

test("a value that fits comes back with its defaults", () => {
  expect(checked(schema, {}, "", "make it")).toEqual({ size: 1 });
});

test("every wrong field is named by a pointer, unknown ones one by one and escaped", () => {
  const error = refusal({ size: "x", list: [{ url: 3, "a/b": 1, "c~d": 2 }] });
  expect(error.code).toBe("body_invalid");
  expect(error.fields.map(({ pointer }) => pointer).sort()).toEqual([
    "/options/list/0/a~1b",
    "/options/list/0/c~0d",
    "/options/list/0/url",
    "/options/size",
  ]);
  expect(error.message).toMatch(/^Cannot make it: \/options\//);
});

test("a value that is no object is wrong as a whole", () => {
  expect(refusal(7).fields).toMatchObject([{ pointer: "/options" }]);
});
