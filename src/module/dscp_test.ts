import { expect, test } from "vitest";
import { codePointOf, DSCPValue } from "./dscp.ts";

test("every name has a code point of 6 bits, but for the two that mark nothing", () => {
  const unmarked = DSCPValue.options.filter((name) => codePointOf(name) === undefined);
  expect(unmarked).toEqual(["NO_DSCP", "NO_VALUE"]);
  for (const name of DSCPValue.options) {
    const codePoint = codePointOf(name) ?? 0;
    expect(codePoint >= 0 && codePoint < 64).toBe(true);
  }
});

test("classes follow their formulas", () => {
  for (let x = 0; x <= 7; x++) expect(codePointOf(`CS${x}` as "CS0")).toBe(8 * x);
  for (const [x, y] of [[1, 1], [2, 3], [4, 2]]) {
    expect(codePointOf(`AF${x}${y}` as "AF11")).toBe(8 * x + 2 * y);
  }
});
