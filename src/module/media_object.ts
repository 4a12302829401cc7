import { z } from "zod";
import { objectOf, type PropertySpec } from "../graph/mod.ts";
import { computed, defineElement, final, operation, settable } from "./define.ts";
import { Tag } from "./media_types.ts";

/** What all objects of the server share. */
export const MediaObject = defineElement({
  type: "MediaObject",
  module: "core",
  extends: null,
  abstract: true,
  summary: "Anything that lives in this server: the server itself, pipelines, and what stands in them",
  properties: {
    mediaPipeline: field(final("The pipeline it belongs to", objectOf("MediaPipeline").nullable())),
    parent: field(final("The object it was made in", objectOf("MediaObject").nullable())),
    id: field(final("Name of the object in requests", z.string())),
    children: field(computed("What was made in it, in order of creation", z.array(objectOf("MediaObject")))),
    name: field(settable("A name for people; the id when none was given", z.string().min(1).max(256), null)),
    sendTagsInEvents: settable("Whether events of this object carry its tags", z.boolean(), false),
    creationTime: field(final("When it was made, in seconds since 1970", z.int())),
  },
  operations: {
    addTag: operation("Labels the object; a label of this key is replaced", {
      input: z.strictObject({ key: z.string(), value: z.string() }),
    }),
    removeTag: operation("Takes a label away, if there is one of this key", {
      input: z.strictObject({ key: z.string() }),
    }),
    getTag: operation("Value of one label", {
      input: z.strictObject({ key: z.string() }),
      output: z.string(),
    }),
    getTags: operation("All labels in the order of their keys", { output: z.array(Tag) }),
  },
  events: {
    Error: z.object({ description: z.string(), errorCode: z.int(), type: z.string() }).describe(
      "Something failed that no request waits for",
    ),
  },
});

function field(spec: PropertySpec): PropertySpec {
  return { ...spec, field: true };
}
