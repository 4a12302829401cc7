import { z } from "zod";
import { allOf, type Definition, lineage, placeOf, typeStatus, wireNameOf } from "../../../graph/mod.ts";
import { jsonSchemaOf } from "./json_schema.ts";

const JsonSchema = z.looseObject({}).describe("A JSON Schema (2020-12)");

export const ElementTypeSchema = z.object({
  type: z.string(),
  module: z.string(),
  summary: z.string(),
  abstract: z.boolean().describe("Abstract types describe what others share and cannot be created"),
  status: z.enum(["abstract", "planned", "built"]).describe("planned: described, and not to be created yet"),
  place: z.enum(["server", "pipeline", "hub", "element", "none"]).describe("Where objects of the type stand"),
  hierarchy: z.array(z.string()).describe("What it extends, the nearest first"),
  pads: z.record(z.string(), z.enum(["endpoint", "through", "port"]))
    .describe("Role of its pads by media kind"),
  options: JsonSchema,
  properties: z.record(
    z.string(),
    z.object({
      summary: z.string(),
      access: z.enum(["final", "readOnly", "readWrite"]),
      default: z.unknown().optional(),
      wireType: z.string().describe("Name of the value's type in interface descriptions"),
      schema: JsonSchema,
    }),
  ),
  operations: z.record(z.string(), z.object({ summary: z.string(), input: JsonSchema, output: JsonSchema })),
  events: z.record(z.string(), JsonSchema).describe("Schema of each event's data"),
}).meta({ id: "ElementType" });

/** Everything a client can know of a type, inherited members included. */
export function showElementType(definition: Definition) {
  const [, ...ancestors] = lineage(definition);
  return {
    type: definition.type,
    module: definition.module,
    summary: definition.summary,
    abstract: definition.abstract,
    status: typeStatus(definition),
    place: placeOf(definition),
    hierarchy: ancestors.map((ancestor) => ancestor.type),
    pads: allOf(definition, "pads"),
    options: jsonSchemaOf(definition.options, "input"),
    properties: showProperties(definition),
    operations: mapValues(allOf(definition, "operations"), (operation) => ({
      summary: operation.summary,
      input: jsonSchemaOf(operation.input, "input"),
      output: jsonSchemaOf(operation.output, "output"),
    })),
    events: mapValues(allOf(definition, "events"), (event) => jsonSchemaOf(event, "output")),
  };
}

/** Properties that are no fields of the resource anyway. */
function showProperties(definition: Definition) {
  const own = Object.entries(allOf(definition, "properties")).filter(([, { field }]) => !field);
  return mapValues(Object.fromEntries(own), (property) => ({
    summary: property.summary,
    access: property.access,
    default: property.default,
    wireType: wireNameOf(property.schema),
    schema: jsonSchemaOf(property.schema, "output"),
  }));
}

function mapValues<From, To>(
  from: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, map(value)]));
}
