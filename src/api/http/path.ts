import type { Context, Handler, Hono, MiddlewareHandler } from "hono";
import { AppError } from "../../base/mod.ts";
import { addCorsHeaders, type CorsSettings, isPreflight, preflightOf } from "./cors.ts";
import type { ServerEnv } from "./server_env.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type DoorHandler = Handler<ServerEnv>;

/** What stands before every handler of a path. */
export interface PathGuard {
  cors: CorsSettings;
  /** Null where everybody may read. */
  access: MiddlewareHandler<ServerEnv> | null;
}

/**
 * Serves one path wholly: its methods, HEAD where there is GET, CORS preflights, plain OPTIONS (204 with Allow),
 * and 405 with Allow for everything else. `path` is in OpenAPI form: /v1/pipelines/{pipelineId}.
 */
export function mountPath(
  app: Hono<ServerEnv>,
  path: string,
  handlers: Partial<Record<Method, DoorHandler>>,
  guard: PathGuard,
): void {
  const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1");
  const methods = allowedMethods(Object.keys(handlers));
  app.use(pattern, withCors(guard.cors, methods));
  for (const [method, handler] of Object.entries(handlers)) {
    if (guard.access) app.on(method, pattern, guard.access, handler);
    else app.on(method, pattern, handler);
  }
  app.all(pattern, (c) => refuseMethod(c.req.raw, methods));
}

/** Answers what no door knows; for `app.notFound`. */
export function answerNotFound(c: Context<ServerEnv>): never {
  throw new AppError(
    "route_not_found",
    `Cannot serve ${c.req.path}: there is no such path, see /docs for those there are`,
  );
}

function allowedMethods(served: string[]): string[] {
  return [...served, ...(served.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
}

function withCors(settings: CorsSettings, methods: string[]): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    if (isPreflight(c.req.raw)) return preflightOf(c.req.raw, settings, methods);
    await next();
    addCorsHeaders(c.res.headers, c.req.raw, settings);
  };
}

function refuseMethod(request: Request, methods: string[]): Response {
  const headers = { Allow: methods.join(", ") };
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers });
  throw new MethodRefusal(request.method, methods);
}

/** method_not_allowed with the methods that would be; RFC 9110 section 15.5.6 wants them in `Allow`. */
export class MethodRefusal extends AppError {
  readonly methods: string[];

  constructor(method: string, methods: string[]) {
    super(
      "method_not_allowed",
      `Cannot ${method} this resource: it takes ${methods.join(", ")}, use one of those`,
    );
    this.methods = methods;
  }
}
