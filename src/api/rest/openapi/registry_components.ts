import { z } from "zod";
import { PipelineProperties } from "../../../command/mod.ts";
import { allOf, type Definition, placeOf, type Registry, typeStatus } from "../../../graph/mod.ts";
import { capital, operated, operationIdOf, operationsOf } from "../routes/operations.ts";
import { NewElementSchema } from "../schema/element.ts";
import { type JsonSchema, jsonSchemaOf } from "../schema/json_schema.ts";
import { NewPipelineSchema } from "../schema/pipeline.ts";
import type { Components } from "./components.ts";

/** Adds what the registry knows beyond the routes: elements to be made, by type, and inputs of operations. */
export function addRegistryComponents(registry: Registry, components: Components): void {
  const creatable = registry.all().filter((definition) =>
    typeStatus(definition) === "built" && ["element", "hub"].includes(placeOf(definition))
  );
  const kinds = creatable.map((definition) => addNewElement(definition, components));
  const mapping = Object.fromEntries(creatable.map(({ type }, at) => [type, kinds[at].$ref]));
  components.add("NewElement", { oneOf: kinds, discriminator: { propertyName: "type", mapping } });
  components.add("NewPipeline", newPipelineSchema(components));
  for (const kind of operated) {
    for (const { name, variants } of operationsOf(registry, kind)) {
      const inputs = variants.map(({ spec }) => components.use(spec.input, "input"));
      const input = inputs.length === 1 ? inputs[0] : { oneOf: inputs };
      components.add(`${capital(operationIdOf(kind, name))}Input`, input);
    }
  }
}

/** The body schema of one creatable type, e.g. NewWebRtcEndpoint. */
function addNewElement(definition: Definition, components: Components): JsonSchema {
  const json = jsonSchemaOf(NewElementSchema, "input");
  Object.assign(json.properties as JsonSchema, {
    type: { const: definition.type },
    options: components.use(definition.options, "input"),
    properties: components.use(settableProperties(definition), "input"),
  });
  return components.add(`New${definition.type}`, { description: definition.summary, ...json });
}

function settableProperties(definition: Definition): z.ZodObject {
  const settable = Object.entries(allOf(definition, "properties")).filter(([, spec]) =>
    spec.access === "readWrite" && !spec.field
  );
  return z.strictObject(
    Object.fromEntries(settable.map(([name, spec]) => [name, spec.schema.optional().describe(spec.summary)])),
  );
}

function newPipelineSchema(components: Components): JsonSchema {
  const json = components.use(NewPipelineSchema, "input");
  const properties = json.properties as Record<string, JsonSchema>;
  properties.properties = components.use(PipelineProperties, "input");
  json.examples = [wholeGraph];
  properties.elements.items = { $ref: "#/components/schemas/NewElement" };
  return json;
}

const wholeGraph = {
  name: "demo",
  elements: [{ type: "WebRtcEndpoint", name: "camera" }, { type: "PassThrough", name: "tap" }],
  connections: [{ source: "camera", sink: "tap" }],
};
