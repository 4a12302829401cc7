import { expect, test } from "vitest";
import { mergedTags, mergedValues } from "./edit.ts";

test("null removes a tag, a text sets it, what is absent stays", () => {
  expect(mergedTags({ a: "1", b: "2" }, { a: null, c: "3" })).toEqual({ b: "2", c: "3" });
});

test("without a patch nothing is to change", () => {
  expect(mergedTags({ a: "1" }, undefined)).toBeUndefined();
  expect(mergedValues({ a: 1 }, undefined)).toBeUndefined();
});

test("a tag may have the name of anything in JavaScript", () => {
  const merged = mergedTags({}, JSON.parse('{"__proto__": "x", "constructor": "y"}'))!;
  expect(Object.entries(merged)).toEqual([["__proto__", "x"], ["constructor", "y"]]);
});

test("values are set one by one", () => {
  expect(mergedValues({ a: 1, b: 2 }, { b: 3 })).toEqual({ a: 1, b: 3 });
});

test("an object has so many tags and no more, those that are there may change", () => {
  const full = Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`t${index}`, "x"]));
  expect(() => mergedTags(full, { one: "more" })).toThrow(
    "Cannot set the tags: there would be 257 vs 256 allowed for one object, remove some",
  );
  expect(mergedTags(full, { t0: "y" })).toMatchObject({ t0: "y" });
  expect(Object.keys(mergedTags(full, { t0: null, one: "more" })!).length).toBe(256);
});
