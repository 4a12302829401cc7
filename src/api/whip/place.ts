import type { Context } from "hono";
import { AppError } from "../../base/mod.ts";
import type { Commands, SessionPlace, SessionView } from "../../command/mod.ts";
import type { ServerEnv } from "../http/mod.ts";

export type Kind = "whip" | "whep";

/** The endpoint that a request is about, or whose session it is about. */
export interface Place {
  kind: Kind;
  at: SessionPlace;
  /** Path of the endpoint's URL, encoded. */
  path: string;
}

/** Paths of the endpoints of a kind: of a stream by name, and of one element of any graph. */
export function endpointPaths(kind: Kind): string[] {
  return [`/${kind}/:stream`, `/v1/elements/:elementId/${kind}`];
}

/** The place a request's path names. */
export function placeOf(c: Context<ServerEnv>, kind: Kind): Place {
  const stream = c.req.param("stream");
  if (stream !== undefined) return { kind, at: { stream }, path: `/${kind}/${encodeURIComponent(stream)}` };
  const elementId = c.req.param("elementId") ?? "";
  return { kind, at: { elementId }, path: `/v1/elements/${encodeURIComponent(elementId)}/${kind}` };
}

/** The session of that id, if it was made at this place; a session has one URL only. Throws session_not_found. */
export function sessionAt(commands: Commands, place: Place, sessionId: string): SessionView {
  const session = commands.getSession(sessionId);
  const stream = "stream" in place.at ? place.at.stream : null;
  if (session.kind === place.kind && session.stream === stream) return session;
  throw new AppError(
    "session_not_found",
    `Cannot find session "${sessionId}": it was not made at ${place.path}, use the Location given with it`,
  );
}
