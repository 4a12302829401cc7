import { z } from "zod";
import { type Route, route } from "../route.ts";
import { ElementTypeSchema, showElementType } from "../schema/element_type.ts";

export const elementTypeRoutes: Route[] = [
  route({
    method: "GET",
    path: "/v1/element-types",
    tag: "Element types",
    operationId: "listElementTypes",
    summary: "Every type of this server, with those that are abstract and those that are not built yet",
    replies: {
      200: {
        description: "The types",
        schema: z.object({ items: z.array(ElementTypeSchema) }).meta({ id: "ElementTypeList" }),
      },
    },
    errors: [],
    run: (_call, { commands }) => ({
      status: 200,
      json: { items: commands.registry.all().map(showElementType) },
    }),
  }),
  route({
    method: "GET",
    path: "/v1/element-types/{type}",
    tag: "Element types",
    operationId: "getElementType",
    summary: "Schema, operations and events of one type",
    replies: { 200: { description: "The type", schema: ElementTypeSchema } },
    errors: ["element_type_not_found"],
    run: ({ params }, { commands }) => ({
      status: 200,
      json: showElementType(commands.registry.get(params.type)),
    }),
  }),
];
