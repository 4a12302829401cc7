import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createLog } from "../../base/mod.ts";
import { Registry } from "../../graph/mod.ts";
import { loadElements } from "../../module/load.ts";
import { openApiDocument } from "./openapi/document.ts";

const target = new URL("../../../openapi/v1.json", import.meta.url);
const log = createLog("openapi");

/** The committed text of the document: what this server's own element types make of it. */
export async function documentText(): Promise<string> {
  const registry = new Registry();
  await loadElements(fileURLToPath(new URL("../../elements/", import.meta.url)), registry);
  return JSON.stringify(openApiDocument(registry), null, 2) + "\n";
}

async function check(text: string): Promise<void> {
  if (await readFile(target, "utf8").catch(() => "") === text) return;
  log.error("openapi/v1.json is not what the source says, run: deno task openapi");
  process.exit(1);
}

if (import.meta.main) {
  const text = await documentText();
  if (process.argv.includes("--check")) await check(text);
  else await writeFile(target, text);
}
