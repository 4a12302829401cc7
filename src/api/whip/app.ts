import { type Context, Hono, type MiddlewareHandler } from "hono";
import { AppError, toAppError } from "../../base/mod.ts";
import type { Commands } from "../../command/mod.ts";
import {
  addCorsHeaders,
  isPreflight,
  peerAddressOf,
  problemOf,
  requestId,
  type ServerEnv,
} from "../http/mod.ts";
import { requireAccess } from "./access.ts";
import type { Door, Methods } from "./door.ts";
import { endpointMethods } from "./endpoint.ts";
import { iceServerLinks } from "./ice_server_link.ts";
import { corsOf } from "./options.ts";
import { endpointPaths, type Kind, placeOf } from "./place.ts";
import { RateLimiter } from "./rate_limiter.ts";
import { sessionMethods } from "./session.ts";
import type { WhipSettings } from "./settings.ts";

/** Seconds after which asking again makes sense, where the command did not say: WHEP wants to be told (section 4.2). */
const retryAfterSeconds: Readonly<Record<string, number>> = {
  stream_not_live: 2,
  limit_reached: 10,
  unavailable: 5,
};

/**
 * The WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) door: endpoints at /whip/{stream}, /whep/{stream},
 * /v1/elements/{elementId}/whip and /whep, and their sessions one segment below. To be mounted at the root, before
 * the REST door. Throws with a sentence for a setting that cannot work.
 */
export function createWhipApp(commands: Commands, settings: WhipSettings): Hono<ServerEnv> {
  const door: Door = {
    commands,
    settings,
    limiter: new RateLimiter(settings.rateLimit),
    cors: corsOf(settings),
    links: iceServerLinks(settings.iceServers),
  };
  const app = new Hono<ServerEnv>();
  app.onError(problemWithRetry);
  for (const kind of ["whip", "whep"] as const) {
    for (const path of endpointPaths(kind)) {
      app.all(path, requestId(), crossOrigin(door), serve(door, kind, endpointMethods));
      app.all(`${path}/:sessionId`, requestId(), crossOrigin(door), serve(door, kind, sessionMethods));
    }
  }
  return app;
}

function serve(
  door: Door,
  kind: Kind,
  methods: Methods,
): (c: Context<ServerEnv>) => Response | Promise<Response> {
  return (c) => {
    const handler = Object.hasOwn(methods, c.req.method) ? methods[c.req.method] : undefined;
    if (!handler) return methodNotAllowed(c, methods);
    if (["POST", "PATCH", "DELETE"].includes(c.req.method)) limitRate(door, c);
    if (c.req.method !== "OPTIONS") requireAccess(c, kind, door.settings);
    return handler(door, c, placeOf(c, kind));
  };
}

/** Writes the CORS headers on what the handlers answer, problems included. */
function crossOrigin(door: Door): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    await next();
    if (!isPreflight(c.req.raw)) addCorsHeaders(c.res.headers, c.req.raw, door.cors);
  };
}

function limitRate(door: Door, c: Context<ServerEnv>): void {
  const waitSeconds = door.limiter.take(peerAddressOf(c) ?? "", door.settings.clock.now());
  if (waitSeconds === 0) return;
  throw new AppError(
    "rate_limited",
    `Cannot take the request: more than ${door.settings.rateLimit.perAddressPerMinute} a minute came from this ` +
      `address, wait ${waitSeconds} s`,
    { retryAfterSeconds: waitSeconds },
  );
}

function problemWithRetry(error: Error, c: Context<ServerEnv>): Response {
  const response = problemOf(error, c.get("requestId"));
  const seconds = retryAfterSeconds[toAppError(error).code];
  if (seconds !== undefined && !response.headers.has("Retry-After")) {
    response.headers.set("Retry-After", String(seconds));
  }
  return response;
}

function methodNotAllowed(c: Context<ServerEnv>, methods: Methods): Response {
  const allowed = Object.keys(methods).join(", ");
  const error = new AppError(
    "method_not_allowed",
    `Cannot ${c.req.method} this resource: it takes ${allowed}, use one of them`,
  );
  const response = problemOf(error, c.get("requestId"));
  response.headers.set("Allow", allowed);
  return response;
}
