import { Hono } from "hono";
import type { Commands } from "../../command/mod.ts";
import {
  answerError,
  answerNotFound,
  controlAccess,
  type CorsSettings,
  mountPath,
  requestId,
  type ServerEnv,
} from "../http/mod.ts";
import { openApiDocument } from "./openapi/document.ts";
import type { Backing, Route } from "./route.ts";
import { routesFor } from "./routes/mod.ts";
import { serve } from "./serve.ts";
import type { RestSettings } from "./settings.ts";

/**
 * The REST door: every path of `routesFor`, with access, CORS, idempotency, entity tags and problems. Mount it at the
 * root, after the doors whose paths lie beside its own.
 */
export function createRestApp(commands: Commands, settings: RestSettings): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.use(requestId());
  app.onError(answerError);
  app.notFound(answerNotFound);
  const routes = routesFor(commands.registry);
  const document = JSON.stringify(openApiDocument(commands.registry));
  for (const path of new Set(routes.map((each) => each.path))) {
    mountRoutes(app, routes.filter((each) => each.path === path), { commands, settings, document });
  }
  return app;
}

function mountRoutes(app: Hono<ServerEnv>, routes: Route[], backing: Backing): void {
  const [{ path, open }] = routes;
  const { apiToken, corsOrigins } = backing.settings;
  mountPath(app, path, Object.fromEntries(routes.map((each) => [each.method, serve(each, backing)])), {
    cors: corsFor(corsOrigins),
    access: open ? null : controlAccess({ apiToken, trustedOrigins: corsOrigins }),
  });
}

function corsFor(origins: readonly string[]): CorsSettings {
  return {
    origins,
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Idempotency-Key",
      "If-Match",
      "If-None-Match",
      "If-Range",
      "Range",
      "X-Request-Id",
    ],
    exposeHeaders: [
      "Content-Range",
      "ETag",
      "Idempotent-Replayed",
      "Link",
      "Location",
      "Retry-After",
      "X-Request-Id",
    ],
  };
}
