import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "../../../base/mod.ts";
import { type Reply, type Route, route } from "../route.ts";
import { EditSchema } from "../schema/element.ts";
import { ServerSchema, showServer } from "../schema/server.ts";

const Health = z.object({ status: z.enum(["ok", "ready"]) }).meta({ id: "Health" });

export const serverRoutes: Route[] = [
  route({
    method: "GET",
    path: "/v1/server",
    tag: "Server",
    operationId: "getServer",
    summary: "Version, capabilities, limits and load of this server",
    replies: { 200: { description: "The server", schema: ServerSchema } },
    errors: [],
    run: async (_call, { commands }) => ({ status: 200, json: showServer(await commands.describeServer()) }),
  }),
  route({
    method: "PATCH",
    path: "/v1/server",
    tag: "Server",
    operationId: "editServer",
    summary: "Changes name, tags and properties of the server as an object",
    body: EditSchema,
    mergePatch: true,
    replies: { 200: { description: "Changed", schema: ServerSchema } },
    errors: [],
    run: async ({ body }, { commands }) => {
      commands.editServer(body);
      return { status: 200, json: showServer(await commands.describeServer()) };
    },
  }),
  route({
    method: "GET",
    path: "/healthz",
    tag: "Server",
    operationId: "getHealth",
    summary: "200 while the process lives",
    open: true,
    replies: { 200: { description: "It lives", schema: Health } },
    errors: [],
    run: () => ({ status: 200, json: { status: "ok" }, headers: { "Cache-Control": "no-store" } }),
  }),
  route({
    method: "GET",
    path: "/readyz",
    tag: "Server",
    operationId: "getReadiness",
    summary: "200 while the server takes requests, 503 while it starts or shuts down",
    open: true,
    replies: { 200: { description: "It is ready", schema: Health } },
    errors: ["unavailable"],
    run: (_call, { settings }) => {
      if (settings.ready()) {
        return { status: 200, json: { status: "ready" }, headers: { "Cache-Control": "no-store" } };
      }
      throw new AppError(
        "unavailable",
        "Cannot take requests: the server starts or shuts down, ask again soon",
        {
          retryAfterSeconds: 1,
        },
      );
    },
  }),
  route({
    method: "GET",
    path: "/openapi.json",
    tag: "Server",
    operationId: "getOpenApi",
    summary: "This document",
    open: true,
    replies: {
      200: { description: "An OpenAPI 3.1 document", schema: z.looseObject({ openapi: z.string() }) },
    },
    errors: [],
    run: (_call, { document }) => ({ status: 200, text: { type: "application/json", content: document } }),
  }),
  docsFile("/docs", "getDocs", "docs.html", "text/html; charset=utf-8", "This document as a page for people"),
  docsFile("/docs/docs.css", "getDocsStyle", "docs.css", "text/css; charset=utf-8", "Style of the page"),
  docsFile(
    "/docs/docs.js",
    "getDocsScript",
    "docs.js",
    "text/javascript; charset=utf-8",
    "Script of the page",
  ),
];

/** Only what this server serves itself may run or show on the page. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function docsFile(path: string, operationId: string, file: string, type: string, summary: string): Route {
  return route({
    method: "GET",
    path,
    tag: "Server",
    operationId,
    summary,
    open: true,
    replies: { 200: { description: summary, text: [type.split(";")[0]] } },
    errors: [],
    run: async (): Promise<Reply> => ({
      status: 200,
      text: { type, content: await readFile(new URL(`../docs/${file}`, import.meta.url), "utf8") },
      headers: {
        "Content-Security-Policy": contentSecurityPolicy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
      },
    }),
  });
}
