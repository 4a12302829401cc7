import { z } from "zod";
import { checked } from "./check.ts";

/** What a client may set on a pipeline. */
export const PipelineProperties = z.strictObject({
  sendTagsInEvents: z.boolean().optional().describe(
    "Whether events of the pipeline carry its tags; false until set",
  ),
  latencyStats: z.boolean().optional().describe(
    "Whether getStats tells latencies of elements where they are measured; false until set",
  ),
});

export function checkedPipelineProperties(values: unknown, task: string): Record<string, unknown> {
  return checked(PipelineProperties, values ?? {}, "/properties", task);
}
