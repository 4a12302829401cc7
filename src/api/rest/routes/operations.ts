import { z } from "zod";
import type { ErrorCode } from "../../../base/mod.ts";
import { serverObjectId } from "../../../command/mod.ts";
import {
  allOf,
  type Definition,
  type ObjectPlace,
  type OperationSpec,
  placeOf,
  type Registry,
  typeStatus,
} from "../../../graph/mod.ts";
import { type Route, route } from "../route.ts";

/** An operation name of the registry, with every distinct way in which types define it. */
export interface NamedOperation {
  name: string;
  variants: { spec: OperationSpec; types: string[] }[];
}

/** A kind of objects that are told what to do by POST below their path. */
export interface Operated {
  places: readonly ObjectPlace[];
  path: string;
  /** What stands before the names of operations where those of elements stand alone. */
  prefix: string;
  objectId(params: Record<string, string>): string;
  notFound: readonly ErrorCode[];
  /** Codes that operations may refuse with, beside those of every operation. */
  errors: readonly ErrorCode[];
}

const elements: Operated = {
  places: ["element", "hub"],
  path: "/v1/elements/{elementId}",
  prefix: "",
  objectId: ({ elementId }) => elementId,
  notFound: ["element_not_found"],
  errors: [
    "tag_not_found",
    "pipelines_differ",
    "pad_not_found",
    "link_format_mismatch",
    "object_kind_mismatch",
    "value_unacceptable",
    "sdp_invalid",
    "sdp_unacceptable",
    "codec_mismatch",
    "candidate_invalid",
    "gathering_failed",
    "endpoint_negotiated",
    "endpoint_not_negotiated",
    "offer_not_generated",
    "answer_processed",
    "data_channel_not_found",
    "data_channel_failed",
    "hub_route_refused",
    "media_kind_refused",
  ],
};

const pipelines: Operated = {
  places: ["pipeline"],
  path: "/v1/pipelines/{pipelineId}",
  prefix: "pipeline",
  objectId: ({ pipelineId }) => pipelineId,
  notFound: ["pipeline_not_found"],
  errors: ["tag_not_found"],
};

const server: Operated = {
  places: ["server"],
  path: "/v1/server",
  prefix: "server",
  objectId: () => serverObjectId,
  notFound: [],
  errors: ["tag_not_found", "value_unacceptable", "module_not_found"],
};

/** Every kind of objects that has operations. */
export const operated: readonly Operated[] = [elements, pipelines, server];

/** Every operation that an object of these places can have, by name. */
export function operationsOf(registry: Registry, { places }: Operated): NamedOperation[] {
  const named = new Map<string, NamedOperation>();
  const types = registry.all().filter((each) => places.includes(placeOf(each)));
  for (const definition of types) {
    // The server is the only object of an abstract type.
    if (placeOf(definition) === "server" || typeStatus(definition) === "built") {
      addOperations(named, definition, allOf(definition, "operations"));
    }
  }
  return [...named.values()].sort((one, other) => one.name < other.name ? -1 : 1);
}

/** Name of an operation among those of all kinds of objects: pipelineGetTags. */
export function operationIdOf({ prefix }: Operated, name: string): string {
  return prefix === "" ? name : prefix + capital(name);
}

/** One route per operation name. The command checks the input, because only it knows the object's type. */
export function operationRoutes(registry: Registry): Route[] {
  return operated.flatMap((kind) =>
    operationsOf(registry, kind).map((operation) => operationRoute(kind, operation))
  );
}

function operationRoute(kind: Operated, { name, variants }: NamedOperation): Route {
  const operationId = operationIdOf(kind, name);
  return route({
    method: "POST",
    path: `${kind.path}/${name}`,
    tag: "Operations",
    operationId,
    summary: variants[0].spec.summary,
    description: variants.map(({ spec, types }) => `${types.join(", ")}: ${spec.summary}.`).join(" "),
    body: z.looseObject({}),
    bodyRequired: variants.every(({ spec }) => !spec.input.safeParse({}).success),
    bodyComponent: `${capital(operationId)}Input`,
    replies: { 200: { description: "Done", schema: resultOf(operationId, variants) } },
    errors: [
      ...kind.notFound,
      "operation_not_found",
      "operation_not_supported",
      "not_built",
      ...kind.errors,
      "limit_reached",
      "turn_deadline",
      "unavailable",
    ],
    run: async ({ params, body }, { commands }) => ({
      status: 200,
      json: { result: await commands.invoke(kind.objectId(params), name, body) ?? null },
    }),
  });
}

function addOperations(
  named: Map<string, NamedOperation>,
  { type }: Definition,
  operations: Definition["operations"],
): void {
  for (const [name, spec] of Object.entries(operations)) {
    const operation = named.get(name) ?? { name, variants: [] };
    named.set(name, operation);
    const known = operation.variants.find((variant) => variant.spec === spec);
    if (known) known.types.push(type);
    else operation.variants.push({ spec, types: [type] });
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
