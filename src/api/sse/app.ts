import { Hono } from "hono";
import type { Clock } from "../../base/mod.ts";
import { type Commands, houseEvents } from "../../command/mod.ts";
import type { EventFilter } from "../../event/mod.ts";
import {
  answerError,
  answerNotFound,
  controlAccess,
  mountPath,
  requestId,
  type ServerEnv,
} from "../http/mod.ts";
import { readFollow } from "./query.ts";
import { eventStream } from "./stream.ts";

/** What the SSE door has to be told. */
export interface SseSettings {
  /** See `controlAccess`: null lets only local peers in. */
  apiToken: string | null;
  /** Origins whose pages may follow events; "*" for all. */
  corsOrigins: readonly string[];
  /** Milliseconds between signs of life on a quiet stream; 15 000 suits proxies. */
  heartbeatMs: number;
  clock: Clock;
  /** Ends every stream when the server shuts down: they have no end of their own. */
  stopping: AbortSignal;
}

/**
 * The events door: GET /v1/events and /v1/pipelines/{pipelineId}/events as Server-Sent Events (HTML Living Standard,
 * section 9.2). To be mounted at the root, before the REST door.
 */
export function createSseApp(commands: Commands, settings: SseSettings): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const types = eventTypesOf(commands);
  const follow = (request: Request, pipelineId?: string) => {
    const { after, filter } = readFollow(request, types, pipelineId);
    return respond(commands, settings, filter, after);
  };
  const { apiToken, corsOrigins } = settings;
  const guard = {
    cors: {
      origins: corsOrigins,
      allowHeaders: ["Authorization", "Last-Event-ID", "X-Request-Id"],
      exposeHeaders: ["X-Request-Id"],
    },
    access: controlAccess({ apiToken, trustedOrigins: corsOrigins }),
  };
  app.use("/v1/events", requestId());
  app.use("/v1/pipelines/:pipelineId/events", requestId());
  app.onError(answerError);
  app.notFound(answerNotFound);
  mountPath(app, "/v1/events", { GET: (c) => follow(c.req.raw) }, guard);
  mountPath(app, "/v1/pipelines/{pipelineId}/events", {
    GET: (c) => follow(c.req.raw, commands.getPipeline(c.req.param("pipelineId") ?? "").id),
  }, guard);
  return app;
}

function respond(
  commands: Commands,
  settings: SseSettings,
  filter: EventFilter,
  after: number | null,
): Response {
  // A reader that goes away cancels the body; its request's own signal has nothing to add.
  const { heartbeatMs, clock, stopping } = settings;
  return new Response(eventStream(commands, { filter, after, heartbeatMs, clock, signal: stopping }), {
    headers: {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      // Tells nginx and its kin not to collect what should arrive at once.
      "X-Accel-Buffering": "no",
    },
  });
}

/** Names of all events that this server can tell. */
function eventTypesOf(commands: Commands): ReadonlySet<string> {
  const types = new Set(Object.keys(houseEvents));
  for (const { events } of commands.registry.all()) Object.keys(events).forEach((type) => types.add(type));
  return types;
}
