import { z } from "zod";
import type { ErrorCode } from "../../../base/mod.ts";
import { pageOf, pageParameters, pageReply } from "../pages.ts";
import { type Route, route } from "../route.ts";
import { EditSchema, ElementSchema, NewElementSchema, showElement } from "../schema/element.ts";
import { Stats } from "../schema/values.ts";

const one = "/v1/elements/{elementId}";
const ElementPage = pageOf(ElementSchema).meta({ id: "ElementPage" });
const type = z.string().min(1).optional().describe("Only elements of this type");
const creationErrors: ErrorCode[] = [
  "pipeline_not_found",
  "element_type_not_found",
  "element_type_abstract",
  "element_type_planned",
  "element_name_taken",
  "property_not_found",
  "property_read_only",
  "element_not_found",
  "pipelines_differ",
  "object_kind_mismatch",
  "value_unacceptable",
  "seek_failed",
  "not_built",
  "limit_reached",
  "element_start_failed",
  "turn_deadline",
  "unavailable",
];

const inPipeline: Route[] = [
  route({
    method: "POST",
    path: "/v1/pipelines/{pipelineId}/elements",
    tag: "Elements",
    operationId: "createElement",
    summary: "Makes an element",
    body: NewElementSchema,
    bodyComponent: "NewElement",
    review: (body, commands) => commands.reviewElement(body),
    replies: { 201: { description: "Made", schema: ElementSchema, headers: ["Location", "ETag"] } },
    errors: creationErrors,
    run: async ({ params, body }, { commands }) => {
      const element = await commands.createElement(params.pipelineId, body);
      const headers = { Location: `/v1/elements/${element.id}` };
      return { status: 201, json: showElement(element), version: element.version, headers };
    },
  }),
  route({
    method: "GET",
    path: "/v1/pipelines/{pipelineId}/elements",
    tag: "Elements",
    operationId: "listPipelineElements",
    summary: "Elements of one pipeline in the order in which they were made",
    query: z.strictObject({ ...pageParameters, type }),
    replies: { 200: { description: "A page", schema: ElementPage, headers: ["Link"] } },
    errors: ["pipeline_not_found", "cursor_invalid"],
    run: ({ params, query }, { commands }) => {
      const { id } = commands.getPipeline(params.pipelineId);
      const page = commands.listElements({ ...query, pipelineId: id });
      return pageReply(page, showElement, `/v1/pipelines/${id}/elements`, query);
    },
  }),
];

const single: Route[] = [
  route({
    method: "GET",
    path: one,
    tag: "Elements",
    operationId: "getElement",
    summary: "An element with its properties as they are now",
    replies: { 200: { description: "The element", schema: ElementSchema, headers: ["ETag"] } },
    errors: ["element_not_found"],
    run: ({ params }, { commands }) => {
      const element = commands.getElement(params.elementId);
      return { status: 200, json: showElement(element), version: element.version };
    },
  }),
  route({
    method: "PATCH",
    path: one,
    tag: "Elements",
    operationId: "editElement",
    summary: "Changes name, tags and settable properties",
    body: EditSchema,
    mergePatch: true,
    conditional: true,
    replies: { 200: { description: "Changed", schema: ElementSchema, headers: ["ETag"] } },
    errors: [
      "element_not_found",
      "element_name_taken",
      "property_not_found",
      "property_read_only",
      "value_unacceptable",
      "operation_not_supported",
      "seek_failed",
      "not_built",
      "turn_deadline",
    ],
    run: async ({ params, body, precondition }, { commands }) => {
      const ifVersion = precondition(() => commands.getElement(params.elementId).version);
      const element = await commands.editElement(params.elementId, body, ifVersion);
      return { status: 200, json: showElement(element), version: element.version };
    },
  }),
  route({
    method: "DELETE",
    path: one,
    tag: "Elements",
    operationId: "releaseElement",
    summary: "Ends an element and its connections",
    conditional: true,
    replies: { 204: { description: "Ended" } },
    errors: ["element_not_found", "turn_deadline"],
    run: async ({ params, precondition }, { commands }) => {
      const ifVersion = precondition(() => commands.getElement(params.elementId).version);
      await commands.releaseElement(params.elementId, ifVersion);
      return { status: 204 };
    },
  }),
];

export const elementRoutes: Route[] = [
  ...inPipeline,
  route({
    method: "GET",
    path: "/v1/elements",
    tag: "Elements",
    operationId: "listElements",
    summary: "Elements of all pipelines in the order in which they were made",
    query: z.strictObject({
      ...pageParameters,
      pipeline: z.string().min(1).optional().describe("Only elements of the pipeline of this id"),
      type,
    }),
    replies: { 200: { description: "A page", schema: ElementPage, headers: ["Link"] } },
    errors: ["cursor_invalid"],
    run: ({ query }, { commands }) => {
      const { pipeline, ...rest } = query;
      return pageReply(
        commands.listElements({ ...rest, pipelineId: pipeline }),
        showElement,
        "/v1/elements",
        query,
      );
    },
  }),
  ...single,
  route({
    method: "GET",
    path: `${one}/stats`,
    tag: "Elements",
    operationId: "getElementStats",
    summary: "Figures of an element as they are now",
    replies: { 200: { description: "The figures", schema: Stats } },
    errors: ["element_not_found", "turn_deadline"],
    run: async ({ params }, { commands }) => ({
      status: 200,
      json: await commands.elementStats(params.elementId),
      headers: { "Cache-Control": "no-store" },
    }),
  }),
];
