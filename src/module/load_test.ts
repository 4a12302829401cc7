import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Registry } from "../graph/mod.ts";
import { loadElements } from "./load.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "kaskado_modules_"))));
afterEach(() => rmSync(directory, { recursive: true }));

const sdk = pathToFileURL(new URL("./mod.ts", import.meta.url).pathname).href;

function write(name: string, source: string, file = "mod.ts"): void {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, file), source);
}

const lamp = (type: string) => `
import { defineElement, MediaElement } from "${sdk}";
export default defineElement({
  type: "${type}", module: "lamps", extends: MediaElement, summary: "Shines", create: () => ({}),
});`;

async function loaded(): Promise<Registry> {
  const registry = new Registry();
  await loadElements(directory, registry);
  return registry;
}

test("every folder's element is registered, with what it extends, in order of the names", async () => {
  write("b_second", lamp("SecondLamp"));
  write("a_first", lamp("FirstLamp"));
  write("notes", "nothing", "readme.md");
  writeFileSync(join(directory, "mod.ts"), "throw new Error('not in a folder of its own')");
  const lamps = (await loaded()).all().filter(({ module }) => module === "lamps");
  expect(lamps.map(({ type }) => type)).toEqual(["FirstLamp", "SecondLamp"]);
});

test("the server, pipelines and the abstract types are there before any element", async () => {
  const registry = await loaded();
  expect(registry.all().map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      "ServerManager",
      "MediaPipeline",
      "Hub",
      "Filter",
      "UriEndpoint",
      "BaseRtpEndpoint",
    ]),
  );
  expect(registry.allCreatable()).toEqual([]);
});

test("two directories may be loaded one after the other", async () => {
  write("a_first", lamp("FirstLamp"));
  const registry = await loaded();
  await loadElements(directory, registry);
  expect(registry.allCreatable().map(({ type }) => type)).toEqual(["FirstLamp"]);
});

test.each([
  [
    "is no definition",
    "export default { type: 'Lamp' };",
    /broken.mod\.ts: its default export is not made by defineElement/,
  ],
  [
    "has no default export",
    "export const lamp = 1;",
    /broken.mod\.ts: its default export is not made by defineElement/,
  ],
  ["throws", "throw new Error('no bulb');", /Cannot load element module .*broken.mod\.ts: no bulb/],
  ["has a bad type name", lamp("lamp"), /Cannot register element type "lamp" of .*broken.mod\.ts/],
])("a module that %s stops the start and is named", async (_what, source, sentence) => {
  write("broken", source);
  await expect(loaded()).rejects.toThrow(sentence);
});

test("a name that is taken stops the start", async () => {
  write("one", lamp("Lamp"));
  write("two", lamp("Lamp"));
  await expect(loaded()).rejects.toThrow(/"Lamp" of .*two.mod\.ts: the name is taken by module "lamps"/);
});

test("a directory that is not there stops the start and is named", async () => {
  await expect(loadElements(join(directory, "nowhere"), new Registry())).rejects.toThrow(
    /directory ".*nowhere" cannot be read/,
  );
});
