import { z } from "zod";
import { allOf, type Definition, type OperationSpec, type Registry } from "../../../graph/mod.ts";
import { type Route, route } from "../route.ts";

/** An operation name of the registry, with every distinct way in which types define it. */
export interface NamedOperation {
  name: string;
  variants: { spec: OperationSpec; types: string[] }[];
}

/** Every operation that an element can have, by name. */
export function operationsOf(registry: Registry): NamedOperation[] {
  const named = new Map<string, NamedOperation>();
  for (const definition of registry.all().filter((each) => !each.abstract)) addOperations(named, definition);
  return [...named.values()].sort((one, other) => one.name < other.name ? -1 : 1);
}

/** One route per operation name. The command checks the input, because only it knows the element's type. */
export function operationRoutes(registry: Registry): Route[] {
  return operationsOf(registry).map(({ name, variants }) =>
    route({
      method: "POST",
      path: `/v1/elements/{elementId}/${name}`,
      tag: "Operations",
      operationId: name,
      summary: variants[0].spec.summary,
      description: variants.map(({ spec, types }) => `${types.join(", ")}: ${spec.summary}.`).join(" "),
      body: z.looseObject({}),
      bodyRequired: variants.every(({ spec }) => !spec.input.safeParse({}).success),
      bodyComponent: `${capital(name)}Input`,
      replies: { 200: { description: "Done", schema: resultOf(name, variants) } },
      errors: [
        "element_not_found",
        "operation_not_found",
        "operation_not_supported",
        "sdp_invalid",
        "sdp_unacceptable",
        "codec_mismatch",
        "candidate_invalid",
        "endpoint_negotiated",
        "endpoint_not_negotiated",
        "offer_not_generated",
        "turn_deadline",
      ],
      run: async ({ params, body }, { commands }) => ({
        status: 200,
        json: { result: await commands.invoke(params.elementId, name, body) ?? null },
      }),
    })
  );
}

function addOperations(named: Map<string, NamedOperation>, definition: Definition): void {
  for (const [name, spec] of Object.entries(allOf(definition, "operations"))) {
    const operation = named.get(name) ?? { name, variants: [] };
    named.set(name, operation);
    const known = operation.variants.find((variant) => variant.spec === spec);
    if (known) known.types.push(definition.type);
    else operation.variants.push({ spec, types: [definition.type] });
  }
}

function resultOf(name: string, variants: NamedOperation["variants"]): z.ZodType {
  const outputs = variants.map(({ spec }) => spec.output);
  const result = outputs.length === 1 ? outputs[0] : z.union(outputs);
  return z.object({ result }).meta({ id: `${capital(name)}Result` });
}

/** The name with its first letter in upper case, as component names have it. */
export function capital(name: string): string {
  return name[0].toUpperCase() + name.slice(1);
}
