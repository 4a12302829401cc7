import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { elementTemplate, newElement } from "./new_element.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "kaskado_new_"))));
afterEach(() => rmSync(directory, { recursive: true }));

test("the template is a definition with a test", async () => {
  expect(await newElement("night_filter_2", directory)).toBe(join(directory, "night_filter_2"));
  expect(readdirSync(join(directory, "night_filter_2"))).toEqual(["mod.ts", "mod_test.ts"]);
  expect(elementTemplate("night_filter_2")["mod.ts"]).toContain('type: "NightFilter2",');
  expect(elementTemplate("night_filter_2")["mod.ts"]).toContain('module: "nightfilter2",');
});

test.each(["Night", "night-filter", "2nights", "../night", ""])(
  "%j is no name for an element",
  async (name) => {
    await expect(newElement(name, directory)).rejects.toThrow(/a name is snake case/);
  },
);

test("a folder that is there is left alone", async () => {
  await newElement("night", directory);
  await expect(newElement("night", directory)).rejects.toThrow(/is there already/);
});
