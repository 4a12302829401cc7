import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { settingsTable } from "../kit/settings_table.ts";

/** A row without the spaces that the formatter fills it up with. */
const cells = (row: string) => row.split("|").map((cell) => cell.trim());

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

test("the README's table of settings is what the server reads", () => {
  const rows = readme.split("\n").filter((line) => line.startsWith("| `KASKADO_"));
  expect(rows.map(cells)).toEqual(settingsTable().trim().split("\n").map(cells));
});

test("every file that the README links to is there", () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map((match) => match[1]);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) {
    expect(readFileSync(new URL(`../../${link}`, import.meta.url)).length, link).toBeGreaterThan(0);
  }
});
