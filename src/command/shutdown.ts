import { closeSession } from "./session.ts";
import type { House } from "./house.ts";

/** Ends every session in good order: peers get BYE and close_notify, followers get SessionEnded. */
export async function endAllSessions(house: House): Promise<void> {
  const open = [...house.engine.pipelines()].flatMap((live) => [...live.sessions.keys()]);
  await Promise.allSettled(open.map((sessionId) => closeSession(house, sessionId)));
}
