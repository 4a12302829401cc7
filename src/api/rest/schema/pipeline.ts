import { z } from "zod";
import type { PipelineSummary, PipelineView } from "../../../command/mod.ts";
import {
  ConnectionSchema,
  ElementSchema,
  NewConnectionSchema,
  NewElementSchema,
  showConnection,
  showElement,
} from "./element.ts";
import { Id, Media, Name, Tags, Time, timeText, Values, Version } from "./values.ts";

const own = {
  id: Id,
  name: z.string().describe("Unique among pipelines, and the name of the stream; the id when none was given"),
  origin: z.enum(["client", "stream", "kurento"]).describe(
    "stream: a WHIP publisher made it; kurento: a session of Kurento's protocol, which it ends with",
  ),
  tags: Tags,
  properties: Values,
  createdAt: Time,
  version: Version,
};

export const PipelineSchema = z.object({
  ...own,
  elements: z.array(ElementSchema),
  connections: z.array(ConnectionSchema),
}).meta({ id: "Pipeline" });

export function showPipeline({ createdAtMs, elements, connections, ...pipeline }: PipelineView) {
  return {
    ...pipeline,
    createdAt: timeText(createdAtMs),
    elements: elements.map(showElement),
    connections: connections.map(showConnection),
  };
}

export const PipelineSummarySchema = z.object({
  ...own,
  elementCount: z.int().min(0),
  connectionCount: z.int().min(0),
}).meta({ id: "PipelineSummary" });

export function showSummary({ createdAtMs, ...summary }: PipelineSummary) {
  return { ...summary, createdAt: timeText(createdAtMs) };
}

export const NewPipelineSchema = z.strictObject({
  name: Name.optional(),
  tags: Tags.optional(),
  properties: Values.optional(),
  elements: z.array(NewElementSchema).optional(),
  connections: z.array(NewConnectionSchema).optional(),
});

export const GraphSchema = z.object({
  id: Id,
  name: z.string(),
  nodes: z.array(z.object({
    id: Id,
    type: z.string(),
    name: z.string(),
    parentId: Id.nullable().describe("The hub that a port belongs to"),
  })),
  edges: z.array(z.object({ id: Id, source: Id, sink: Id, media: Media })),
}).meta({ id: "Graph" });

export function showGraph({ id, name, elements, connections }: PipelineView) {
  return {
    id,
    name,
    nodes: elements.map((node) => ({
      id: node.id,
      type: node.type,
      name: node.name,
      parentId: node.parentId,
    })),
    edges: connections.map((edge) => ({
      id: edge.id,
      source: edge.source,
      sink: edge.sink,
      media: edge.media,
    })),
  };
}
