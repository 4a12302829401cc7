import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createLog } from "../../base/mod.ts";
import { describeModule, describeModules } from "../../command/mod.ts";
import { Registry } from "../../graph/mod.ts";
import { loadElements } from "../../module/load.ts";
import { openApiDocument } from "./openapi/document.ts";

const folder = new URL("../../../openapi/", import.meta.url);
const log = createLog("openapi");

/** The committed documents by path below openapi/: what this server's own element types make of them. */
export async function documents(): Promise<Map<string, string>> {
  const registry = new Registry();
  await loadElements(fileURLToPath(new URL("../../elements/", import.meta.url)), registry);
  const texts = new Map([["v1.json", textOf(openApiDocument(registry))]]);
  for (const { name } of describeModules(registry)) {
    texts.set(`kmd/${name}.kmd.json`, textOf(describeModule(registry, name)));
  }
  return texts;
}

/** Paths below openapi/ of committed documents that are not what the source says, or that nothing makes. */
export async function staleDocuments(): Promise<string[]> {
  const texts = await documents();
  const committed = await readdir(new URL("kmd/", folder)).catch(() => []);
  const stale = committed.map((file) => `kmd/${file}`).filter((path) => !texts.has(path));
  for (const [path, text] of texts) {
    if (await readFile(new URL(path, folder), "utf8").catch(() => "") !== text) stale.push(path);
  }
  return stale;
}

const textOf = (document: unknown) => JSON.stringify(document, null, 2) + "\n";

async function check(): Promise<void> {
  const stale = await staleDocuments();
  if (stale.length === 0) return;
  log.error(`openapi/${stale.join(", openapi/")} is not what the source says, run: deno task openapi`);
  process.exit(1);
}

async function write(): Promise<void> {
  await mkdir(new URL("kmd/", folder), { recursive: true });
  for (const [path, text] of await documents()) await writeFile(new URL(path, folder), text);
}

if (import.meta.main) await (process.argv.includes("--check") ? check() : write());
