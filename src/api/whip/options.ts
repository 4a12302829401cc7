import type { Context } from "hono";
import { type CorsSettings, isPreflight, preflightOf, type ServerEnv } from "../http/mod.ts";
import { hasToken } from "./access.ts";
import { addIceServers, type Door, type Methods } from "./door.ts";
import type { Place } from "./place.ts";
import type { WhipSettings } from "./settings.ts";

/** What pages of other origins may send and read. */
export function corsOf(settings: WhipSettings): CorsSettings {
  const asked = ["Authorization", "Content-Type", "If-Match", "If-None-Match", "Link"];
  const told = ["Location", "Link", "ETag", "Accept-Post", "Accept-Patch", "Retry-After"];
  // @eyevinn/whip-web-client sends an ETag header, and trickles only when it can read PATCH in Allow-Methods.
  if (settings.strict) return { origins: settings.corsOrigins, allowHeaders: asked, exposeHeaders: told };
  return {
    origins: settings.corsOrigins,
    allowHeaders: [...asked, "ETag"],
    exposeHeaders: [...told, "Access-Control-Allow-Methods"],
  };
}

/** Every method of both resources: what is named to pages (RFC 9725 section 4.5) does not depend on the resource. */
const pageMethods = ["POST", "PATCH", "DELETE", "GET", "HEAD", "OPTIONS"];

/**
 * The answer to OPTIONS, which needs no token: what can be sent here. ICE servers are named to those who may use
 * them, and never in a preflight, which a browser sends without credentials and does not show to the page.
 */
export function optionsOf(
  door: Door,
  c: Context<ServerEnv>,
  place: Place,
  methods: Methods,
  accepts: Record<string, string>,
): Response {
  const preflight = isPreflight(c.req.raw);
  const headers = preflight ? preflightOf(c.req.raw, door.cors, pageMethods).headers : new Headers();
  headers.set("Access-Control-Allow-Methods", pageMethods.join(", "));
  headers.set("Allow", Object.keys(methods).join(", "));
  for (const [name, value] of Object.entries(accepts)) headers.set(name, value);
  const response = new Response(null, { status: 200, headers });
  return !preflight && hasToken(c, place.kind, door.settings)
    ? addIceServers(response, door.links)
    : response;
}
