import { z } from "zod";
import { pageOf, pageParameters, pageReply } from "../pages.ts";
import { type Route, route } from "../route.ts";
import { EditSchema } from "../schema/element.ts";
import {
  NewPipelineSchema,
  PipelineSchema,
  PipelineSummarySchema,
  showPipeline,
  showSummary,
} from "../schema/pipeline.ts";

const PipelineQuery = z.strictObject({
  ...pageParameters,
  name: z.string().min(1).optional().describe("Only the pipeline of this name"),
  tag: z.string().regex(/^[^:]+:/, "Expected key:value").optional().describe(
    "Only with this tag, `key:value`",
  ),
});

const one = "/v1/pipelines/{pipelineId}";
const PipelinePage = pageOf(PipelineSummarySchema).meta({ id: "PipelinePage" });

export const pipelineRoutes: Route[] = [
  route({
    method: "POST",
    path: "/v1/pipelines",
    tag: "Pipelines",
    operationId: "createPipeline",
    summary: "Makes a pipeline, empty or with its whole graph",
    description: "Connections name elements of the same request. Either all of it is made or nothing.",
    body: NewPipelineSchema,
    bodyComponent: "NewPipeline",
    review: (body, commands) => commands.reviewPipeline(body),
    replies: { 201: { description: "Made", schema: PipelineSchema, headers: ["Location", "ETag"] } },
    errors: [
      "pipeline_name_taken",
      "element_name_taken",
      "element_type_not_found",
      "element_type_abstract",
      "element_type_planned",
      "element_not_found",
      "property_not_found",
      "property_read_only",
      "pad_not_found",
      "link_format_mismatch",
      "object_kind_mismatch",
      "value_unacceptable",
      "seek_failed",
      "not_built",
      "limit_reached",
      "element_start_failed",
      "turn_deadline",
      "unavailable",
    ],
    run: async ({ body }, { commands }) => {
      const pipeline = await commands.createPipeline(body);
      const headers = { Location: `/v1/pipelines/${pipeline.id}` };
      return { status: 201, json: showPipeline(pipeline), version: pipeline.version, headers };
    },
  }),
  route({
    method: "GET",
    path: "/v1/pipelines",
    tag: "Pipelines",
    operationId: "listPipelines",
    summary: "Pipelines in the order in which they were made",
    query: PipelineQuery,
    replies: { 200: { description: "A page", schema: PipelinePage, headers: ["Link"] } },
    errors: ["cursor_invalid"],
    run: ({ query }, { commands }) => {
      const page = commands.listPipelines({ ...query, tag: tagOf(query.tag) });
      return pageReply(page, showSummary, "/v1/pipelines", query);
    },
  }),
  route({
    method: "GET",
    path: one,
    tag: "Pipelines",
    operationId: "getPipeline",
    summary: "A pipeline with all its elements and connections",
    replies: { 200: { description: "The pipeline", schema: PipelineSchema, headers: ["ETag"] } },
    errors: ["pipeline_not_found"],
    run: ({ params }, { commands }) => {
      const pipeline = commands.getPipeline(params.pipelineId);
      return { status: 200, json: showPipeline(pipeline), version: pipeline.version };
    },
  }),
  route({
    method: "PATCH",
    path: one,
    tag: "Pipelines",
    operationId: "editPipeline",
    summary: "Changes name, tags and properties",
    body: EditSchema,
    mergePatch: true,
    conditional: true,
    replies: { 200: { description: "Changed", schema: PipelineSchema, headers: ["ETag"] } },
    errors: [
      "pipeline_not_found",
      "pipeline_name_taken",
      "property_not_found",
      "property_read_only",
      "turn_deadline",
    ],
    run: async ({ params, body, precondition }, { commands }) => {
      const ifVersion = precondition(() => commands.getPipeline(params.pipelineId).version);
      const pipeline = await commands.editPipeline(params.pipelineId, body, ifVersion);
      return { status: 200, json: showPipeline(pipeline), version: pipeline.version };
    },
  }),
  route({
    method: "DELETE",
    path: one,
    tag: "Pipelines",
    operationId: "releasePipeline",
    summary: "Ends a pipeline with everything in it",
    conditional: true,
    replies: { 204: { description: "Ended" } },
    errors: ["pipeline_not_found", "turn_deadline"],
    run: async ({ params, precondition }, { commands }) => {
      const ifVersion = precondition(() => commands.getPipeline(params.pipelineId).version);
      await commands.releasePipeline(params.pipelineId, ifVersion);
      return { status: 204 };
    },
  }),
];

function tagOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const colon = text.indexOf(":");
  return { key: text.slice(0, colon), value: text.slice(colon + 1) };
}
