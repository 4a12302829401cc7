import { expect, test } from "vitest";
import { percentDecoded } from "./percent_decoded.ts";

test.each([
  ["a%20b%2Fc", "a b/c"],
  ["100% of %C3%BC", "100% of ü"],
  // No UTF-8, and cut off.
  ["%ff%20", "%ff%20"],
  ["%4", "%4"],
  ["%zz%41", "%zzA"],
  ["", ""],
])("%j is %j", (text, decoded) => {
  expect(percentDecoded(text)).toBe(decoded);
});
