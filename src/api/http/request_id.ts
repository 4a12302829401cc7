import type { MiddlewareHandler } from "hono";
import { newId } from "../../base/mod.ts";
import type { ServerEnv } from "./server_env.ts";

/** What a client may call its request: enough for UUIDs and trace ids, nothing that could break a log line. */
const sane = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Gives each request an id, the client's own `X-Request-Id` when it is sane, and writes it on the response.
 * It joins a response, its log lines and the `instance` of a problem.
 */
export function requestId(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const given = c.get("requestId") ?? c.req.header("X-Request-Id") ?? "";
    const id = sane.test(given) ? given : newId();
    c.set("requestId", id);
    await next();
    c.res.headers.set("X-Request-Id", id);
  };
}
