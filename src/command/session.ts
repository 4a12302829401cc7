import { AppError } from "../base/mod.ts";
import type { Turn } from "../engine/mod.ts";
import type { Session } from "../graph/mod.ts";
import type { House } from "./house.ts";
import type { SessionView } from "./types.ts";
import { sessionView } from "./views.ts";

/** Takes the client's answer to an offer of ours (a WHEP counter-offer). */
export async function answerSession(house: House, sessionId: string, answer: string): Promise<void> {
  await onSession(house, sessionId, (turn, session) => {
    const outcome = handlerOf(turn, session).answer(answer);
    turn.perform(session.elementId, outcome.actions ?? []);
    turn.putSession({ ...session, state: "connecting" });
  });
}

/**
 * Takes a trickle-ice-sdpfrag: candidates, or new credentials and so an ICE restart. Refused with precondition_failed
 * when the session has restarted ICE since the caller last heard of it.
 */
export async function patchSession(
  house: House,
  sessionId: string,
  fragment: string,
  precondition: { ifGeneration?: string } = {},
): Promise<{ fragment: string | null; session: SessionView }> {
  return await onSession(house, sessionId, (turn, session) => {
    const handler = handlerOf(turn, session);
    requireGeneration(handler.iceGeneration, precondition.ifGeneration);
    const outcome = handler.patch(fragment);
    turn.perform(session.elementId, outcome.actions ?? []);
    return { fragment: outcome.result.fragment, session: sessionView(turn.pipeline, session) };
  });
}

/** Ends a session on its client's wish. */
export async function closeSession(house: House, sessionId: string): Promise<void> {
  await onSession(house, sessionId, (turn, session) => {
    const handler = turn.live(session.elementId).instance.session;
    if (handler?.current === sessionId) turn.perform(session.elementId, handler.close().actions ?? []);
    turn.endSession(sessionId, "closed");
  });
}

/** Ends a session whose client has not answered our offer by now; any other is left alone. */
export async function endUnanswered(house: House, sessionId: string): Promise<void> {
  await onSession(house, sessionId, (turn, session) => {
    if (session.state === "counterOffered") turn.endSession(sessionId, "answerTimeout");
  });
}

function onSession<Result>(
  house: House,
  sessionId: string,
  work: (turn: Turn, session: Session) => Result,
): Promise<Result> {
  const pipeline = house.engine.homeOf(sessionId, "session_not_found");
  return house.engine.inTurn(pipeline, (turn) => {
    const session = turn.session(sessionId);
    if (!session) throw sessionOver(sessionId);
    return work(turn, session);
  });
}

function requireGeneration(found: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted === found) return;
  throw new AppError(
    "precondition_failed",
    `Cannot patch the session: its ICE session is "${found}", the request is about "${wanted}"`,
  );
}

function handlerOf(turn: Turn, session: Session) {
  const handler = turn.live(session.elementId).instance.session;
  if (handler?.current !== session.id) throw sessionOver(session.id);
  return handler;
}

function sessionOver(sessionId: string): AppError {
  return new AppError("session_not_found", `Cannot find session "${sessionId}": it is over, start a new one`);
}
