import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { readBody, type ServerEnv } from "../http/mod.ts";
import { entityTag, isNoneMatch, preconditionOf } from "./etag.ts";
import { fileResponse } from "./file_response.ts";
import { answerOnce } from "./idempotency.ts";
import { readJson, readQuery, requireJson } from "./input.ts";
import type { Backing, Call, Reply, Route } from "./route.ts";
import { MAX_BODY_BYTES } from "./settings.ts";

interface Read {
  call: Call<unknown, unknown>;
  /** The body as it was sent. */
  text: string;
}

/** Makes the handler of one route: read and check, run, answer. */
export function serve(route: Route, backing: Backing) {
  return async (c: Context<ServerEnv>): Promise<Response> => {
    const { call, text } = await readCall(route, backing, c);
    const answer = async () => {
      const reply = await route.run(call, backing);
      return reply.file ? await fileResponse(reply.file, c.req.raw, reply.headers) : responseOf(reply, c);
    };
    const key = c.req.header("Idempotency-Key");
    if (route.method !== "POST" || key === undefined) return await answer();
    const { pathname, search } = new URL(c.req.url);
    const request = {
      key,
      method: "POST",
      target: pathname + search,
      body: text,
      requestId: c.get("requestId"),
    };
    return await answerOnce(backing.commands.idempotency, backing.settings.clock, request, answer);
  };
}

async function readCall(route: Route, backing: Backing, c: Context<ServerEnv>): Promise<Read> {
  const query = readQuery(route.query, new URL(c.req.url));
  const text = route.body ? await readBody(c.req.raw, MAX_BODY_BYTES) : "";
  if (text !== "") requireJson(c.req.header("Content-Type"), route.mergePatch ?? false);
  const body = route.body
    ? readJson(route.body, text, (body) => route.review?.(body, backing.commands) ?? [])
    : undefined;
  const ifMatch = c.req.header("If-Match");
  return {
    text,
    call: {
      params: c.req.param() as Record<string, string>,
      query,
      body,
      accept: c.req.header("Accept") ?? "",
      precondition: (current) => preconditionOf(ifMatch, current),
    },
  };
}

function responseOf(reply: Reply, c: Context<ServerEnv>): Response {
  const content = reply.json === undefined ? reply.text?.content ?? "" : JSON.stringify(reply.json);
  const headers = new Headers(reply.headers);
  if (reply.version !== undefined) {
    const tag = entityTag(reply.version, content);
    headers.set("ETag", tag);
    if (["GET", "HEAD"].includes(c.req.method) && isNoneMatch(c.req.header("If-None-Match"), tag)) {
      return new Response(null, { status: 304, headers });
    }
  }
  if (content === "") return new Response(null, { status: reply.status, headers });
  headers.set("Content-Type", reply.text?.type ?? "application/json");
  // State of a live server: a cache may keep it, and has to ask before it shows it.
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-cache");
  // HEAD tells the length of what GET would send.
  headers.set("Content-Length", String(Buffer.byteLength(content)));
  return new Response(content, { status: reply.status, headers });
}
