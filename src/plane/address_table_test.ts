import { describe, expect, test } from "vitest";
import { parseAddress } from "../base/mod.ts";
import { AddressTable } from "./address_table.ts";

function words(text: string): Uint32Array {
  const parsed = new Uint32Array(4);
  if (!parseAddress(text, parsed)) throw new Error(text);
  return parsed;
}

describe("the address table", () => {
  test("tells addresses and ports apart, IPv4 and IPv6", () => {
    const table = new AddressTable(8);
    table.set(words("192.0.2.1"), 0, 5000, 1);
    table.set(words("192.0.2.1"), 0, 5001, 2);
    table.set(words("2001:db8::1"), 0, 5000, 3);
    expect(table.find(words("192.0.2.1"), 0, 5000)).toBe(1);
    expect(table.find(words("192.0.2.1"), 0, 5001)).toBe(2);
    expect(table.find(words("2001:db8::1"), 0, 5000)).toBe(3);
    expect(table.find(words("192.0.2.2"), 0, 5000)).toBe(-1);
  });

  test("refuses more than its capacity but still replaces", () => {
    const table = new AddressTable(2);
    expect(table.set(words("192.0.2.1"), 0, 1, 1)).toBe(true);
    expect(table.set(words("192.0.2.1"), 0, 2, 2)).toBe(true);
    expect(table.set(words("192.0.2.1"), 0, 3, 3)).toBe(false);
    expect(table.set(words("192.0.2.1"), 0, 2, 9)).toBe(true);
    expect(table.find(words("192.0.2.1"), 0, 2)).toBe(9);
  });

  test("agrees with a Map over thousands of seeded insertions and deletions", () => {
    const table = new AddressTable(600);
    const model = new Map<string, number>();
    let state = 42;
    const next = (below: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below;
    const address = new Uint32Array(4);
    for (let step = 0; step < 20_000; step++) {
      address.set([0, next(2), 0xffff, next(40)]);
      const port = next(10);
      const key = `${address.join()} ${port}`;
      if (next(2) === 0) {
        table.set(address, 0, port, step);
        model.set(key, step);
      } else {
        expect(table.delete(address, 0, port)).toBe(model.delete(key));
      }
      expect(table.find(address, 0, port)).toBe(model.get(key) ?? -1);
      expect(table.count).toBe(model.size);
    }
    for (const [key, value] of model) {
      const [list, port] = key.split(" ");
      expect(table.find(Uint32Array.from(list.split(",").map(Number)), 0, Number(port))).toBe(value);
    }
  });
});
