import type { Context } from "hono";
import { readBody, type ServerEnv } from "../http/mod.ts";
import type { Door, Methods } from "./door.ts";
import { entityTagOf, generationWanted } from "./if_match.ts";
import { fragmentOfJson } from "./json_candidates.ts";
import { fragmentType, mediaTypeOf, sdpType, wrongMediaType } from "./media_type.ts";
import { optionsOf } from "./options.ts";
import { type Place, sessionAt } from "./place.ts";

/** What can be done with a session. A session that was deleted is not there any more: every method answers 404. */
export const sessionMethods: Methods = {
  PATCH: patch,
  DELETE: close,
  GET: confirm,
  HEAD: confirm,
  OPTIONS: (door, c, place) =>
    optionsOf(door, c, place, sessionMethods, { "Accept-Patch": patchTypes(place).join(", ") }),
};

function confirm(door: Door, c: Context<ServerEnv>, place: Place): Response {
  sessionAt(door.commands, place, sessionIdOf(c));
  return new Response(null, { status: 204 });
}

/** 200 rather than 204: OBS logs any other status as a failure. If-Match is not looked at (RFC 9725 section 4.2). */
async function close(door: Door, c: Context<ServerEnv>, place: Place): Promise<Response> {
  const session = sessionAt(door.commands, place, sessionIdOf(c));
  await door.commands.closeSession(session.id);
  return new Response(null, { status: 200 });
}

/** The types a PATCH may have: a fragment, and for a viewer also the answer to our counter-offer. */
function patchTypes(place: Place): string[] {
  return place.kind === "whep" ? [fragmentType, sdpType] : [fragmentType];
}

async function patch(door: Door, c: Context<ServerEnv>, place: Place): Promise<Response> {
  const sessionId = sessionIdOf(c);
  const type = mediaTypeOf(c.req.header("Content-Type") ?? null);
  const isJson = type === "application/json" && !door.settings.strict;
  if (!isJson && !patchTypes(place).includes(type)) throw wrongMediaType(type, patchTypes(place));
  const body = await readBody(c.req.raw, door.settings.maxOfferBytes);
  const session = sessionAt(door.commands, place, sessionId);
  if (type === sdpType) {
    await door.commands.answerSession(sessionId, body);
    return new Response(null, { status: 204 });
  }
  const wanted = generationWanted(c.req.raw.headers, session.iceGeneration, door.settings.strict);
  return patchIce(door, sessionId, fragmentOf(body, door.settings.strict), wanted);
}

/** Trickled candidates are acknowledged without an ETag, a restart gives a new one (RFC 9725 section 4.3). */
async function patchIce(
  door: Door,
  sessionId: string,
  sent: string,
  ifGeneration: string | null,
): Promise<Response> {
  const precondition = ifGeneration === null ? {} : { ifGeneration };
  const { fragment, session } = await door.commands.patchSession(sessionId, sent, precondition);
  if (fragment === null) return new Response(null, { status: 204 });
  const headers = { "Content-Type": fragmentType, "ETag": entityTagOf(session.iceGeneration) };
  return new Response(fragment, { status: 200, headers });
}

/** Tolerant, candidates may come in JSON whatever the Content-Type says. */
function fragmentOf(body: string, strict: boolean): string {
  return !strict && /^\s*[[{]/.test(body) ? fragmentOfJson(body) : body;
}

function sessionIdOf(c: Context<ServerEnv>): string {
  return c.req.param("sessionId") ?? "";
}
