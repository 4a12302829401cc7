import { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../schema/json_schema.ts";

/** Collects the schemas that others point to. A schema with an id in its metadata becomes a component of that name. */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();

  /** A schema to stand in a place of the document: a reference where it has a name, else itself. */
  use(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const { $defs, ...json } = withComponentReferences(jsonSchemaOf(schema, io)) as JsonSchema;
    for (const [name, nested] of Object.entries($defs ?? {})) this.add(name, nested as JsonSchema);
    const id = z.globalRegistry.get(schema)?.id;
    // zod moves a root that has a name among the definitions itself.
    return id === undefined ? json : { $ref: `#/components/schemas/${id}` };
  }

  /** Adds a component and gives the reference to it. */
  add(name: string, json: JsonSchema): JsonSchema {
    delete json.id;
    this.#schemas.set(name, json);
    return { $ref: `#/components/schemas/${name}` };
  }

  /** All of them in the order of their names. */
  schemas(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].sort(([one], [other]) => one < other ? -1 : 1));
  }
}

/** The same value with zod's local references turned into ones to components. */
function withComponentReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentReferences);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string"
        ? inner.replace("#/$defs/", "#/components/schemas/")
        : withComponentReferences(inner),
    ]),
  );
}
