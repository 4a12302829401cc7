import { expect, test } from "vitest";
import { assert, AssertionFailure } from "./mod.ts";

test("a broken invariant is an AssertionFailure with its reason, a kept one is nothing", () => {
  expect(() => assert(1 + 1 === 3, "two and two")).toThrow(AssertionFailure);
  expect(() => assert(0, "zero is false")).toThrow("zero is false");
  expect(() => assert("x", "never")).not.toThrow();
});
