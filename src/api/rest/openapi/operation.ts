import type { ErrorCode } from "../../../base/mod.ts";
import type { ReplySpec, Route } from "../route.ts";
import type { JsonSchema } from "../schema/json_schema.ts";
import type { Components } from "./components.ts";
import { headerRef, parameterRef, problemResponses } from "./shared.ts";

/** The OpenAPI operation object of a route. */
export function operationOf(route: Route, components: Components): JsonSchema {
  return {
    tags: [route.tag],
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description && { description: route.description }),
    ...(route.open && { security: [{}] }),
    parameters: parametersOf(route, components),
    ...(route.body && { requestBody: requestBodyOf(route, components) }),
    responses: responsesOf(route, components),
  };
}

/** Parameter objects of the names in a path. */
export function pathParametersOf(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function parametersOf(route: Route, components: Components): JsonSchema[] {
  const showsTag = Object.values(route.replies).some((reply) => reply.headers?.includes("ETag"));
  return [
    ...pathParametersOf(route.path),
    ...(route.query ? queryParametersOf(components.use(route.query, "input")) : []),
    ...(route.method === "POST" ? [parameterRef("IdempotencyKey")] : []),
    ...(route.conditional ? [parameterRef("IfMatch")] : []),
    ...(route.method === "GET" && showsTag ? [parameterRef("IfNoneMatch")] : []),
    ...(route.ranged ? [parameterRef("Range"), parameterRef("IfRange")] : []),
    parameterRef("RequestId"),
  ];
}

function queryParametersOf(query: JsonSchema): JsonSchema[] {
  const required = (query.required ?? []) as string[];
  return Object.entries(query.properties as Record<string, JsonSchema>).map(([name, whole]) => {
    const { description, ...schema } = whole;
    return {
      name,
      in: "query",
      required: required.includes(name),
      ...(description ? { description } : {}),
      schema,
    };
  });
}

function requestBodyOf(route: Route, components: Components): JsonSchema {
  const schema = route.bodyComponent
    ? { $ref: `#/components/schemas/${route.bodyComponent}` }
    : components.use(route.body!, "input");
  const types = route.mergePatch
    ? ["application/merge-patch+json", "application/json"]
    : ["application/json"];
  return {
    required: route.bodyRequired ?? !route.body!.safeParse({}).success,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}

function responsesOf(route: Route, components: Components): JsonSchema {
  const replies = Object.entries(route.replies).map((
    [status, spec],
  ) => [status, replyOf(route, spec, components)]);
  const showsTag = route.method === "GET" && route.replies[200]?.headers?.includes("ETag");
  return {
    ...Object.fromEntries(replies),
    ...(showsTag &&
      { 304: { description: "The client has it already", headers: { ETag: headerRef("ETag") } } }),
    ...problemResponses(codesOf(route)),
  };
}

function replyOf(route: Route, spec: ReplySpec, components: Components): JsonSchema {
  const content: JsonSchema = {};
  if (spec.schema) content["application/json"] = { schema: components.use(spec.schema, "output") };
  if (spec.bytes) content["*/*"] = {};
  for (const type of spec.text ?? []) content[type] = { schema: { type: "string" } };
  return {
    description: spec.description,
    headers: {
      ...Object.fromEntries((spec.headers ?? []).map((name) => [fieldNameOf(name), headerRef(name)])),
      ...(route.method === "POST" && { "Idempotent-Replayed": headerRef("IdempotentReplayed") }),
      "X-Request-Id": headerRef("RequestId"),
    },
    ...(Object.keys(content).length > 0 && { content }),
  };
}

/** Components cannot have the dashes of field names: ContentRange is Content-Range. ETag is one word. */
function fieldNameOf(component: string): string {
  return component.replace(/([a-z])([A-Z])/g, "$1-$2");
}

function codesOf(route: Route): ErrorCode[] {
  return [
    ...route.errors,
    "query_invalid",
    ...(route.open ? [] : ["unauthorized", "forbidden"] as const),
    ...(route.body ? bodyCodes : []),
    ...(route.conditional ? ["precondition_failed"] as const : []),
    ...(route.method === "POST" ? keyCodes : []),
    "internal",
  ];
}

const bodyCodes: readonly ErrorCode[] = [
  "body_malformed",
  "body_invalid",
  "body_too_large",
  "media_type_unsupported",
];
const keyCodes: readonly ErrorCode[] = [
  "header_invalid",
  "idempotency_key_reused",
  "idempotency_key_in_flight",
];
