import { z } from "zod";
import type { ConnectionView, ElementView } from "../../../command/mod.ts";
import { Id, Media, Name, TagKey, Tags, TagValue, Time, timeText, Values, Version } from "./values.ts";

export const ElementSchema = z.object({
  id: Id,
  pipelineId: Id,
  type: z.string().describe("A type of /v1/element-types"),
  name: z.string().describe("Unique in the pipeline; the id when none was given"),
  options: Values.describe("What it was made with"),
  properties: Values.describe("Every property of the type as it is now"),
  tags: Tags,
  parentId: Id.nullable().describe("The hub that a port belongs to"),
  sessionId: Id.nullable().describe("The WHIP or WHEP session that the element ends with"),
  createdAt: Time,
  version: Version,
}).meta({ id: "Element" });

export function showElement({ createdAtMs, ...element }: ElementView) {
  return { ...element, createdAt: timeText(createdAtMs) };
}

export const NewElementSchema = z.strictObject({
  type: z.string().min(1),
  name: Name.optional(),
  options: Values.optional(),
  properties: Values.optional(),
  tags: Tags.optional(),
});

export const EditSchema = z.strictObject({
  name: Name.optional(),
  properties: Values.optional().describe("Settable properties; what is absent stays as it is"),
  tags: z.record(TagKey, TagValue.nullable()).optional().describe("Null removes a tag; what is absent stays"),
}).meta({ id: "Edit", description: "A merge patch (RFC 7396) of what clients may set" });

export const ConnectionSchema = z.object({
  id: Id,
  pipelineId: Id,
  source: Id.describe("Id of the element that media comes from"),
  sink: Id.describe("Id of the element that media goes to"),
  media: Media,
  sourceDescription: z.string().describe("Name of the source pad"),
  sinkDescription: z.string().describe("Name of the sink pad"),
  createdAt: Time,
}).meta({ id: "Connection" });

export function showConnection({ createdAtMs, ...connection }: ConnectionView) {
  return { ...connection, createdAt: timeText(createdAtMs) };
}

const ends = {
  media: Media.optional().describe("Absent: every kind that both ends have a pad for"),
  sourceDescription: z.string().min(1).optional(),
  sinkDescription: z.string().min(1).optional(),
};

/** A connection in a whole-graph request. */
export const NewConnectionSchema = z.strictObject({
  source: z.string().min(1).describe("Name of an element of the request"),
  sink: z.string().min(1).describe("Name of an element of the request"),
  ...ends,
}).meta({ id: "NewConnection" });

/** A connection from the element in the path. */
export const NewOutgoingSchema = z.strictObject({
  sink: z.string().min(1).describe("Id of an element of the same pipeline"),
  ...ends,
}).meta({ id: "NewOutgoingConnection" });

export const ConnectionList = z.object({ items: z.array(ConnectionSchema) }).meta({ id: "ConnectionList" });
