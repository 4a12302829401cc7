import { describe, expect, test } from "vitest";
import { MapEdit, PatchedMap } from "./patched_map.ts";

/** The same pseudo-random numbers in every run, 0 to 2^31 - 1 (Lehmer). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => state = (state * 48271) % 0x7fffffff;
}

const big = (size: number) => new Map(Array.from({ length: size }, (_, i) => [`k${i}`, i]));

function edited(map: ReadonlyMap<string, number>, change: (edit: MapEdit<number>) => void) {
  const edit = new MapEdit(map);
  change(edit);
  return edit.done();
}

test("an edit that changes nothing gives the very map it started from", () => {
  const map = big(3);
  expect(edited(map, (edit) => edit.delete("unknown"))).toBe(map);
});

test("the map that an edit started from stays as it is", () => {
  const first = big(500);
  const second = edited(first, (edit) => edit.set("new", 1));
  const third = edited(second, (edit) => {
    edit.delete("new");
    edit.set("k0", -1);
  });
  expect([first.has("new"), second.get("new"), third.has("new")]).toEqual([false, 1, false]);
  expect([first.get("k0"), second.get("k0"), third.get("k0")]).toEqual([0, 0, -1]);
  expect([first.size, second.size, third.size]).toEqual([500, 501, 500]);
});

test("a small change of a big map shares the big one, many changes make a new one", () => {
  expect(edited(big(500), (edit) => edit.set("new", 1))).toBeInstanceOf(PatchedMap);
  const many = edited(big(500), (edit) => {
    for (let i = 0; i < 40; i++) edit.set(`new${i}`, i);
  });
  expect(many).toBeInstanceOf(Map);
});

describe("after any changes", () => {
  test.each([1, 2, 3, 4, 5])("it is what a Map is, in its order (seed %i)", (seed) => {
    const random = numbers(seed);
    const model = big(400);
    let map: ReadonlyMap<string, number> = big(400);
    for (let round = 0; round < 300; round++) {
      map = edited(map, (edit) => {
        for (let step = 0; step <= random() % 4; step++) {
          const key = `k${random() % 450}`;
          if (random() % 2 === 0) {
            edit.set(key, round);
            model.set(key, round);
          } else {
            expect(edit.delete(key)).toBe(model.delete(key));
          }
          expect([edit.has(key), edit.get(key), edit.size]).toEqual([
            model.has(key),
            model.get(key),
            model.size,
          ]);
        }
      });
    }
    expect([...map]).toEqual([...model]);
    expect([[...map.keys()], [...map.values()]]).toEqual([[...model.keys()], [...model.values()]]);
    const visited: [string, number][] = [];
    map.forEach((value, key) => visited.push([key, value]));
    expect(visited).toEqual([...model]);
    for (const key of ["k0", "k449", "never"]) {
      expect([map.has(key), map.get(key)]).toEqual([model.has(key), model.get(key)]);
    }
    expect(map.size).toBe(model.size);
  });
});
