import { AppError } from "../base/mod.ts";
import { allOf, type Definition, lineage, placeOf } from "./definition.ts";

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

  /** Every type of which elements can be made in a pipeline, in order of registration. */
  allCreatable(): Definition[] {
    return this.all().filter((definition) => obstacleOf(definition) === null);
  }

  find(type: string): Definition | undefined {
    return this.#definitions.get(type);
  }

  get(type: string): Definition {
    const definition = this.#definitions.get(type);
    if (definition) return definition;
    const known = this.allCreatable().map((each) => each.type).join(", ");
    throw new AppError(
      "element_type_not_found",
      `Cannot find element type "${type}": this server knows ${known}`,
    );
  }

  /** The definition of `type` if elements of it can be made in a pipeline. */
  creatable(type: string): Definition {
    const definition = this.get(type);
    const obstacle = obstacleOf(definition);
    if (obstacle) throw obstacle;
    return definition;
  }

  #add(definition: Definition, origin: string): void {
    const known = this.#definitions.get(definition.type);
    if (known === definition) return;
    const defect = known ? `the name is taken by module "${known.module}"` : defectOf(definition);
    if (defect) throw new Error(`Cannot register element type "${definition.type}" of ${origin}: ${defect}`);
    this.#definitions.set(definition.type, definition);
  }
}

/** Why no element of this type can be made, or null. */
function obstacleOf(definition: Definition): AppError | null {
  const task = `Cannot create an element of type "${definition.type}"`;
  const place = placeOf(definition);
  if (place === "pipeline") {
    return new AppError(
      "object_kind_mismatch",
      `${task}: it is what elements stand in, POST /v1/pipelines makes one`,
    );
  }
  if (place === "server") {
    return new AppError("element_type_abstract", `${task}: it is the server itself, there is only one`);
  }
  if (definition.abstract) {
    return new AppError("element_type_abstract", `${task}: it is abstract, choose one that extends it`);
  }
  if (definition.create !== null) return null;
  return new AppError(
    "element_type_planned",
    `${task}: the type is described but not built yet, choose one that /v1/element-types calls "built"`,
  );
}

const typePattern = /^[A-Z][A-Za-z0-9]*$/;
const memberPattern = /^[A-Za-z][A-Za-z0-9]*$/;

function defectOf(definition: Definition): string | null {
  if (!typePattern.test(definition.type)) {
    return "a type name is letters and digits and starts with a capital";
  }
  for (const section of ["properties", "operations", "events"] as const) {
    const odd = Object.keys(definition[section]).find((name) => !memberPattern.test(name));
    if (odd) return `"${odd}" in ${section} is no name; use letters and digits`;
  }
  const clash = Object.keys(allOf(definition, "operations")).find((name) => reservedPaths.has(name));
  return clash ? `operation "${clash}" would hide a path of every element` : null;
}

/** Sub-resources of an element at the REST door; an operation of the same name could not be reached. */
const reservedPaths = new Set(["connections", "stats", "tags", "whip", "whep", "graph", "events"]);
