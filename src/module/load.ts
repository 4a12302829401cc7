import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Definition, Registry } from "../graph/mod.ts";
import { coreTypes } from "./core_types.ts";

/**
 * Registers the core types, and the element type of every folder in `directory`: the default export of its mod.ts. First-party elements
 * and those of third parties come in by this same door. A defect throws and names the file.
 */
export async function loadElements(directory: string, registry: Registry): Promise<void> {
  for (const definition of coreTypes) registry.register(definition, "the core");
  for (const name of (await namesIn(directory)).sort()) {
    const file = join(directory, name, "mod.ts");
    if (!(await isFile(file))) continue;
    registry.register(await definitionIn(file), file);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`Cannot load element modules: directory "${directory}" cannot be read: ${why}`, {
      cause: error,
    });
  }
}

async function definitionIn(file: string): Promise<Definition> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Error(`Cannot load element module ${file}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  if (isDefinition(module.default)) return module.default;
  throw new Error(`Cannot load element module ${file}: its default export is not made by defineElement`);
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && "type" in value && "pads" in value &&
    "create" in value;
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isFile(), () => false);
}
