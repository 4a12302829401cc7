import { expect, test } from "vitest";
import { generationWanted } from "./if_match.ts";

const wanted = (headers: Record<string, string>, strict: boolean) =>
  generationWanted(new Headers(headers), "g1", strict);

test("names the generation that a tag insists on, and none for a star", () => {
  expect(wanted({ "If-Match": '"g1"' }, true)).toBe("g1");
  expect(wanted({ "If-Match": '"g0" , "g1"' }, true)).toBe("g1");
  expect(wanted({ "If-Match": "*" }, true)).toBeNull();
  expect(wanted({ "If-Match": '"*"' }, true)).toBeNull();
});

test("strict, refuses silence, and tags without quotes", () => {
  expect(() => wanted({}, true)).toThrow("no If-Match was sent");
  expect(() => wanted({ "If-Match": "g1" }, true)).toThrow('If-Match names g1 vs the present "g1"');
});

test("tolerant, takes silence and tags without quotes, and prefers If-Match to ETag", () => {
  expect(wanted({}, false)).toBeNull();
  expect(wanted({ "If-Match": "g1" }, false)).toBe("g1");
  expect(wanted({ "If-Match": "g1", "ETag": '"g0"' }, false)).toBe("g1");
  expect(() => wanted({ "ETag": '"g0"' }, false)).toThrow("If-Match names");
});
