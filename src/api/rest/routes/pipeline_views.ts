import { z } from "zod";
import { type Reply, type Route, route } from "../route.ts";
import { GraphSchema, showGraph } from "../schema/pipeline.ts";
import { Stats } from "../schema/values.ts";

const DOT = "text/vnd.graphviz";
const SVG = "image/svg+xml";

export const pipelineViewRoutes: Route[] = [
  route({
    method: "GET",
    path: "/v1/pipelines/{pipelineId}/graph",
    tag: "Pipelines",
    operationId: "getPipelineGraph",
    summary: "The graph as JSON, as GraphViz DOT or drawn",
    query: z.strictObject({
      format: z.enum(["json", "dot", "svg"]).optional().describe("Absent: by the Accept header, else json"),
    }),
    replies: { 200: { description: "The graph", schema: GraphSchema, text: [DOT, SVG], headers: ["ETag"] } },
    errors: ["pipeline_not_found"],
    run: ({ params, query, accept }, { commands }): Reply => {
      const pipeline = commands.getPipeline(params.pipelineId);
      const headers = { Vary: "Accept" };
      const format = query.format ?? formatOf(accept);
      if (format === "json") {
        return { status: 200, json: showGraph(pipeline), version: pipeline.version, headers };
      }
      const content = commands.drawPipeline(pipeline.id, format);
      const type = format === "dot" ? `${DOT}; charset=utf-8` : SVG;
      return { status: 200, text: { type, content }, version: pipeline.version, headers };
    },
  }),
  route({
    method: "GET",
    path: "/v1/pipelines/{pipelineId}/stats",
    tag: "Pipelines",
    operationId: "getPipelineStats",
    summary: "Figures of all elements as they are now",
    replies: { 200: { description: "The figures", schema: Stats } },
    errors: ["pipeline_not_found", "turn_deadline"],
    run: async ({ params }, { commands }) => ({
      status: 200,
      json: await commands.pipelineStats(params.pipelineId),
      headers: { "Cache-Control": "no-store" },
    }),
  }),
];

function formatOf(accept: string): "json" | "dot" | "svg" {
  if (accept.includes(SVG) && !accept.includes("text/html")) return "svg";
  return accept.includes(DOT) ? "dot" : "json";
}
