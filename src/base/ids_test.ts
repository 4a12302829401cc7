import { expect, test } from "vitest";
import { newId, randomToken, randomUint32 } from "./mod.ts";

test("ids are UUIDs of version 4 and differ", () => {
  const ids = Array.from({ length: 1000 }, newId);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(ids).size).toBe(1000);
});

test("tokens have the asked length and use the whole alphabet", () => {
  for (const length of [0, 1, 4, 22, 256]) expect(randomToken(length)).toHaveLength(length);
  const token = randomToken(20_000);
  expect(token).toMatch(/^[A-Za-z0-9]+$/);
  expect(new Set(token).size).toBe(62);
});

test("random numbers fill 32 bits and are never zero", () => {
  const numbers = Array.from({ length: 2000 }, randomUint32);
  for (const number of numbers) {
    expect(Number.isInteger(number)).toBe(true);
    expect(number).toBeGreaterThan(0);
    expect(number).toBeLessThan(2 ** 32);
  }
  expect(numbers.some((number) => number >= 2 ** 31)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(1990);
});
