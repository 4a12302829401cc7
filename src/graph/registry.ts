import { AppError } from "../base/mod.ts";
import { allOf, type Definition, lineage } from "./definition.ts";

/** The element types of this process, by name. Closed after start: registration is strict and happens once. */
export class Registry {
  readonly #definitions = new Map<string, Definition>();

  /** Adds a definition and what it extends. A defect throws with the name of the type and of `origin`, a file. */
  register(definition: Definition, origin: string): void {
    for (const ancestor of lineage(definition).reverse()) this.#add(ancestor, origin);
  }

  /** Every type, in order of registration, abstract ones included. */
  all(): Definition[] {
    return [...this.#definitions.values()];
  }

  find(type: string): Definition | undefined {
    return this.#definitions.get(type);
  }

  get(type: string): Definition {
    const definition = this.#definitions.get(type);
    if (definition) return definition;
    const known = this.all().filter((each) => !each.abstract).map((each) => each.type).join(", ");
    throw new AppError(
      "element_type_not_found",
      `Cannot find element type "${type}": this server knows ${known}`,
    );
  }

  /** The definition of `type` if elements of it can be made. */
  creatable(type: string): Definition {
    const definition = this.get(type);
    if (!definition.abstract) return definition;
    throw new AppError(
      "element_type_abstract",
      `Cannot create an element of type "${type}": it is abstract, choose one that extends it`,
    );
  }

  #add(definition: Definition, origin: string): void {
    const known = this.#definitions.get(definition.type);
    if (known === definition) return;
    const defect = known ? `the name is taken by module "${known.module}"` : defectOf(definition);
    if (defect) throw new Error(`Cannot register element type "${definition.type}" of ${origin}: ${defect}`);
    this.#definitions.set(definition.type, definition);
  }
}

const typePattern = /^[A-Z][A-Za-z0-9]*$/;
const memberPattern = /^[A-Za-z][A-Za-z0-9]*$/;

function defectOf(definition: Definition): string | null {
  if (!typePattern.test(definition.type)) {
    return "a type name is letters and digits and starts with a capital";
  }
  if (!definition.abstract && definition.create === null) return "a type that is not abstract needs create()";
  for (const section of ["properties", "operations", "events"] as const) {
    const odd = Object.keys(definition[section]).find((name) => !memberPattern.test(name));
    if (odd) return `"${odd}" in ${section} is no name; use letters and digits`;
  }
  const clash = Object.keys(allOf(definition, "operations")).find((name) => reservedPaths.has(name));
  return clash ? `operation "${clash}" would hide a path of every element` : null;
}

/** Sub-resources of an element at the REST door; an operation of the same name could not be reached. */
const reservedPaths = new Set(["connections", "stats", "tags", "whip", "whep", "graph", "events"]);
