import { type Definition, lineage, type Registry } from "../../graph/mod.ts";

/** Modules whose classes and types all go by the name "kurento". */
const ownModules = new Set(["core", "elements", "filters"]);

/** The first half of a qualified name, and `__module__` of complex values. */
export function modulePrefix(module: string): string {
  return ownModules.has(module) ? "kurento" : module;
}

export function qualifiedName(definition: Definition): string {
  return `${modulePrefix(definition.module)}.${definition.type}`;
}

/** Qualified names of the ancestors, the nearest first, without the class itself. */
export function hierarchyOf(definition: Definition): string[] {
  return lineage(definition).slice(1).map(qualifiedName);
}

/** The definition that a short or qualified name means, or undefined. */
export function findClass(registry: Registry, name: string): Definition | undefined {
  const definition = registry.find(name.slice(name.lastIndexOf(".") + 1));
  return definition && (name === definition.type || name === qualifiedName(definition))
    ? definition
    : undefined;
}
