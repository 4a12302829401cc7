import { z } from "zod";
import { defineElement, settable } from "./define.ts";
import { drawOperations } from "./draw_operations.ts";
import { MediaObject } from "./media_object.ts";

/** What elements stand in. The house makes pipelines itself, so there is no `create` here. */
export const MediaPipeline = defineElement({
  type: "MediaPipeline",
  module: "core",
  extends: MediaObject,
  summary: "A graph of elements, hubs and connections that is made and released as one",
  properties: {
    latencyStats: settable("Whether figures of elements tell latencies too", z.boolean(), false),
  },
  operations: drawOperations,
});
