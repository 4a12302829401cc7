import { z } from "zod";
import { AppError } from "../../../base/mod.ts";
import type { Commands } from "../../../command/mod.ts";
import { type Route, route } from "../route.ts";
import { ConnectionList, ConnectionSchema, NewOutgoingSchema, showConnection } from "../schema/element.ts";

const all = "/v1/elements/{elementId}/connections";
const one = `${all}/{connectionId}`;

export const connectionRoutes: Route[] = [
  route({
    method: "POST",
    path: all,
    tag: "Connections",
    operationId: "createConnection",
    summary: "Connects the element, as source, to another of its pipeline",
    description: "One connection per media kind. A sink pad has one source: what fed it before is replaced.",
    body: NewOutgoingSchema,
    replies: { 201: { description: "Connected", schema: ConnectionList, headers: ["Location"] } },
    errors: [
      "element_not_found",
      "pipelines_differ",
      "pad_not_found",
      "link_format_mismatch",
      "object_kind_mismatch",
      "limit_reached",
      "turn_deadline",
    ],
    run: async ({ params, body }, { commands }) => {
      const made = await commands.connect({ ...body, source: params.elementId });
      const collection = `/v1/elements/${params.elementId}/connections`;
      const headers = { Location: made.length === 1 ? `${collection}/${made[0].id}` : collection };
      return { status: 201, json: { items: made.map(showConnection) }, headers };
    },
  }),
  route({
    method: "GET",
    path: all,
    tag: "Connections",
    operationId: "listConnections",
    summary: "Connections that start or end at the element",
    query: z.strictObject({
      direction: z.enum(["incoming", "outgoing"]).optional().describe("Absent: both"),
    }),
    replies: { 200: { description: "All of them", schema: ConnectionList } },
    errors: ["element_not_found"],
    run: ({ params, query }, { commands }) => {
      const connections = commands.listConnections(params.elementId, query.direction);
      return { status: 200, json: { items: connections.map(showConnection) } };
    },
  }),
  route({
    method: "GET",
    path: one,
    tag: "Connections",
    operationId: "getConnection",
    summary: "One connection",
    replies: { 200: { description: "The connection", schema: ConnectionSchema } },
    errors: ["element_not_found", "connection_not_found"],
    run: ({ params }, { commands }) => ({
      status: 200,
      json: showConnection(connectionOf(params, commands)),
    }),
  }),
  route({
    method: "DELETE",
    path: one,
    tag: "Connections",
    operationId: "removeConnection",
    summary: "Ends a connection",
    replies: { 204: { description: "Ended" } },
    errors: ["element_not_found", "connection_not_found", "turn_deadline"],
    run: async ({ params }, { commands }) => {
      await commands.removeConnection(connectionOf(params, commands).id);
      return { status: 204 };
    },
  }),
];

/** The connection of a path; one that is elsewhere is not there. */
function connectionOf(params: Record<string, string>, commands: Commands) {
  const element = commands.getElement(params.elementId);
  const connection = commands.getConnection(params.connectionId);
  if (connection.source === element.id || connection.sink === element.id) return connection;
  throw new AppError(
    "connection_not_found",
    `Cannot find connection "${connection.id}" at element "${element.id}": it joins other elements, ask at its source`,
  );
}
