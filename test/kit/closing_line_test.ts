import { expect, test } from "vitest";
import { closingLine } from "./closing_line.ts";

const moduleOf = (states: string[], errors: unknown[] = []) => ({
  children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  errors: () => errors,
});

test("counts what passed and what failed", () => {
  expect(closingLine([moduleOf(["passed", "passed"]), moduleOf(["failed"])], 0)).toBe("2 passed, 1 failed");
});

test("names skipped tests only when there are some", () => {
  expect(closingLine([moduleOf(["passed", "skipped"])], 0)).toBe("1 passed, 0 failed, 1 skipped");
});

test("counts a file that cannot be loaded and an error outside of tests as failed", () => {
  expect(closingLine([moduleOf([], ["no such module"])], 1)).toBe("0 passed, 2 failed");
});
