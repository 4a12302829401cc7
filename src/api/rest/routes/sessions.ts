import { z } from "zod";
import { pageOf, pageParameters, pageReply } from "../pages.ts";
import { type Route, route } from "../route.ts";
import { SessionSchema, showSession } from "../schema/session.ts";

const SessionQuery = z.strictObject({
  ...pageParameters,
  kind: z.enum(["whip", "whep"]).optional().describe("Only publishers or only viewers"),
  pipeline: z.string().min(1).optional().describe("Only sessions of the pipeline of this id"),
  stream: z.string().min(1).optional().describe("Only sessions of the stream of this name"),
});

export const sessionRoutes: Route[] = [
  route({
    method: "GET",
    path: "/v1/sessions",
    tag: "Sessions",
    operationId: "listSessions",
    summary: "Live WHIP and WHEP sessions in the order in which they began",
    query: SessionQuery,
    replies: {
      200: {
        description: "A page",
        schema: pageOf(SessionSchema).meta({ id: "SessionPage" }),
        headers: ["Link"],
      },
    },
    errors: ["cursor_invalid"],
    run: ({ query }, { commands }) => {
      const { pipeline, ...rest } = query;
      return pageReply(
        commands.listSessions({ ...rest, pipelineId: pipeline }),
        showSession,
        "/v1/sessions",
        query,
      );
    },
  }),
  route({
    method: "GET",
    path: "/v1/sessions/{sessionId}",
    tag: "Sessions",
    operationId: "getSession",
    summary: "One session",
    replies: { 200: { description: "The session", schema: SessionSchema } },
    errors: ["session_not_found"],
    run: ({ params }, { commands }) => ({
      status: 200,
      json: showSession(commands.getSession(params.sessionId)),
    }),
  }),
  route({
    method: "DELETE",
    path: "/v1/sessions/{sessionId}",
    tag: "Sessions",
    operationId: "closeSession",
    summary: "Ends a session: the publisher or viewer is disconnected",
    replies: { 204: { description: "Ended" } },
    errors: ["session_not_found", "turn_deadline"],
    run: async ({ params }, { commands }) => {
      await commands.closeSession(params.sessionId);
      return { status: 204 };
    },
  }),
];
