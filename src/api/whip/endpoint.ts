import type { Context } from "hono";
import { AppError } from "../../base/mod.ts";
import type { OpenedSession } from "../../command/mod.ts";
import { peerAddressOf, readBody, type ServerEnv } from "../http/mod.ts";
import { addIceServers, type Door, type Methods } from "./door.ts";
import { entityTagOf } from "./if_match.ts";
import { fragmentType, mediaTypeOf, sdpType, wrongMediaType } from "./media_type.ts";
import type { Place } from "./place.ts";
import { optionsOf } from "./options.ts";

/** Seconds after which a client may try a server that shuts down: about the time a restart takes. */
const RESTART_S = 5;
/** Longest User-Agent that is kept with a session, in characters. */
const USER_AGENT_LENGTH = 256;

/** What can be done with a WHIP or WHEP endpoint. */
export const endpointMethods: Methods = {
  POST: postOffer,
  GET: () => new Response(null, { status: 204 }),
  HEAD: (_door, _c, place) => headOf(place),
  OPTIONS: (door, c, place) => optionsOf(door, c, place, endpointMethods, { "Accept-Post": sdpType }),
};

/** The HEAD of a WHEP endpoint tells what it serves, so that a player can tell it from other URLs (WHEP section 4). */
function headOf(place: Place): Response {
  if (place.kind === "whip") return new Response(null, { status: 204 });
  return new Response(null, { status: 200, headers: { "Content-Type": sdpType } });
}

async function postOffer(door: Door, c: Context<ServerEnv>, place: Place): Promise<Response> {
  if (!door.settings.acceptingSessions()) throw shuttingDown();
  const body = await readBody(c.req.raw, door.settings.maxOfferBytes);
  if (body === "" && place.kind === "whep" && door.settings.counterOffer === "onRequest") {
    return counterOffer(door, place, await open(door, c, place, null));
  }
  const type = mediaTypeOf(c.req.header("Content-Type") ?? null);
  if (type !== sdpType) throw wrongMediaType(type, [sdpType]);
  const opened = await open(door, c, place, body);
  return describe(door, place, opened, 201, sdpType);
}

function open(door: Door, c: Context<ServerEnv>, place: Place, offer: string | null): Promise<OpenedSession> {
  return door.commands.openSession({
    kind: place.kind,
    place: place.at,
    offer,
    remoteAddress: peerAddressOf(c),
    userAgent: c.req.header("User-Agent")?.slice(0, USER_AGENT_LENGTH) ?? null,
  });
}

/** Our offer, for the client to answer by PATCH before it expires (WHEP section 4.3). */
function counterOffer(door: Door, place: Place, opened: OpenedSession): Response {
  const { clock, counterOfferValidMs } = door.settings;
  const validUntil = new Date(clock.now() + counterOfferValidMs).toUTCString();
  return describe(door, place, opened, 406, `${sdpType}; valid-until="${validUntil}"`);
}

/** The Location has no query: OBS drops it when it resolves a relative one. */
function describe(
  door: Door,
  place: Place,
  opened: OpenedSession,
  status: number,
  contentType: string,
): Response {
  const headers = {
    "Content-Type": contentType,
    "Location": `${place.path}/${opened.session.id}`,
    "ETag": entityTagOf(opened.session.iceGeneration),
    "Accept-Patch": fragmentType,
  };
  return addIceServers(new Response(opened.description, { status, headers }), door.links);
}

function shuttingDown(): AppError {
  return new AppError("unavailable", `Cannot open a session: the server is shutting down, try again later`, {
    retryAfterSeconds: RESTART_S,
  });
}
