import type { Context } from "hono";
import { AppError } from "../../base/mod.ts";
import { bearerOf, sameSecret, type ServerEnv } from "../http/mod.ts";
import type { Kind } from "./place.ts";
import type { WhipSettings } from "./settings.ts";

/**
 * Refuses with `unauthorized` a request without the token of its kind: in `Authorization: Bearer` (RFC 6750 section
 * 2.1), or in the URL as `access_token` (section 2.3) for clients that cannot set a header. Where no token is set
 * nothing is asked, whatever the header says.
 *
 * Tolerant, a session's URL, which nobody can guess, is secret enough for a request that has no Authorization at all:
 * @eyevinn/whip-web-client sends none with DELETE, react-native-whip-whep none with PATCH.
 */
export function requireAccess(c: Context<ServerEnv>, kind: Kind, settings: WhipSettings): void {
  if (hasToken(c, kind, settings)) return;
  const onSession = c.req.param("sessionId") !== undefined;
  const header = c.req.header("Authorization");
  if (!settings.strict && onSession && header === undefined && c.req.query("access_token") === undefined) {
    return;
  }
  const action = kind === "whip" ? "publish" : "watch";
  const found = header === undefined ? "no bearer token was sent" : "the bearer token is not the right one";
  throw new AppError("unauthorized", `Cannot ${action}: ${found}, send "Authorization: Bearer <token>"`);
}

/** True when the request carries the token of its kind, or none is needed. */
export function hasToken(c: Context<ServerEnv>, kind: Kind, settings: WhipSettings): boolean {
  const wanted = kind === "whip" ? settings.publishToken : settings.watchToken;
  if (wanted === null) return true;
  const given = bearerOf(c.req.header("Authorization")) ?? c.req.query("access_token") ?? null;
  return given !== null && sameSecret(given, wanted);
}
