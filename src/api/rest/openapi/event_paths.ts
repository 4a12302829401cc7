import { houseEvents } from "../../../command/mod.ts";
import { type Registry, typeStatus } from "../../../graph/mod.ts";
import type { JsonSchema } from "../schema/json_schema.ts";
import type { Components } from "./components.ts";
import { pathParametersOf } from "./operation.ts";
import { headerRef, parameterRef, problemResponses } from "./shared.ts";

const number = { type: "integer", minimum: 0 };

/** The paths of the SSE door, and a component for each event that it can send. */
export function eventPaths(registry: Registry, components: Components): Record<string, JsonSchema> {
  addEventComponents(registry, components);
  return {
    "/v1/events": { get: follow("followEvents", "Events of all pipelines", "/v1/events") },
    "/v1/pipelines/{pipelineId}/events": {
      get: follow("followPipelineEvents", "Events of one pipeline", "/v1/pipelines/{pipelineId}/events"),
    },
  };
}

function addEventComponents(registry: Registry, components: Components): void {
  const types = { ...houseEvents };
  for (const definition of registry.all()) {
    if (typeStatus(definition) !== "planned") Object.assign(types, definition.events);
  }
  const kinds = Object.keys(types).sort().map((type) => {
    const properties = { type: { const: type }, data: components.use(types[type], "output") };
    return components.add(`${type}Event`, {
      allOf: [{ $ref: "#/components/schemas/EventEnvelope" }, { type: "object", properties }],
    });
  });
  components.add("EventEnvelope", envelope);
  components.add("Event", { oneOf: kinds });
  components.add("GapEvent", gap);
}

function follow(operationId: string, summary: string, path: string): JsonSchema {
  const ofPipeline = path.includes("{pipelineId}");
  return {
    tags: ["Events"],
    operationId,
    summary,
    description:
      "Server-Sent Events without end: `id` is the event's number, `event` its type, `data` an Event as " +
      "JSON. A reader resumes after `Last-Event-ID`; one too far behind gets an event `gap` first. A comment comes " +
      "every 15 s.",
    parameters: [
      ...pathParametersOf(path),
      ...(ofPipeline
        ? []
        : [query("pipeline", "Only events of the pipeline of this id", { type: "string" })]),
      query("element", "Only events of the element of this id", { type: "string" }),
      query("type", "Only events of these types; may be repeated", {
        type: "array",
        items: { type: "string" },
      }),
      query("lastEventId", "Same as the header, for clients that cannot set one", number),
      { name: "Last-Event-ID", in: "header", description: resumption, schema: number },
      parameterRef("RequestId"),
    ],
    responses: {
      200: {
        description: "The events",
        headers: { "X-Request-Id": headerRef("RequestId") },
        content: { "text/event-stream": { schema: { type: "string" }, "x-event-schema": eventSchema } },
      },
      ...problemResponses([
        "event_type_not_found",
        "query_invalid",
        "header_invalid",
        "unauthorized",
        "forbidden",
        ...(ofPipeline ? ["pipeline_not_found"] as const : []),
        "internal",
      ]),
    },
  };
}

const resumption =
  "Number of the last event that was seen; 0 reads from the oldest that is kept, absent from now on";
const eventSchema = {
  oneOf: [{ $ref: "#/components/schemas/Event" }, { $ref: "#/components/schemas/GapEvent" }],
};

const envelope: JsonSchema = {
  type: "object",
  required: ["seq", "type", "time", "pipelineId", "elementId", "sessionId", "tags", "data"],
  properties: {
    seq: { type: "integer", minimum: 1, description: "Without holes, and never goes back" },
    type: { type: "string" },
    time: { type: "string", format: "date-time" },
    pipelineId: { type: ["string", "null"] },
    elementId: { type: ["string", "null"] },
    sessionId: { type: ["string", "null"] },
    tags: { type: "array", items: { $ref: "#/components/schemas/Tag" } },
    data: { type: "object" },
  },
};

const gap: JsonSchema = {
  type: "object",
  description: "Events of these numbers are lost to this reader: the server keeps them no more",
  required: ["from", "to"],
  properties: { from: number, to: number },
};

function query(name: string, description: string, schema: JsonSchema): JsonSchema {
  return { name, in: "query", required: false, description, schema };
}
