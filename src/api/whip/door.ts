import type { Context } from "hono";
import type { Commands } from "../../command/mod.ts";
import type { CorsSettings, ServerEnv } from "../http/mod.ts";
import type { Place } from "./place.ts";
import type { RateLimiter } from "./rate_limiter.ts";
import type { WhipSettings } from "./settings.ts";

/** What every request handler of this room works with. */
export interface Door {
  commands: Commands;
  settings: WhipSettings;
  limiter: RateLimiter;
  cors: CorsSettings;
  /** Values of the Link headers that name our ICE servers. */
  links: readonly string[];
}

/** Answers one method on an endpoint or on a session. */
export type Handler = (door: Door, c: Context<ServerEnv>, place: Place) => Response | Promise<Response>;

/** The methods of a resource; their names are its Allow header. */
export type Methods = Readonly<Record<string, Handler>>;

/**
 * Adds one Link header per ICE server. Call it on the response that is sent: a Response built from these headers
 * would join them to one line, which GStreamer and OBS read only in part.
 */
export function addIceServers(response: Response, links: readonly string[]): Response {
  for (const link of links) response.headers.append("Link", link);
  return response;
}
