/**
 * What a handler wants done. Handlers do nothing to the house themselves: they return actions, and the engine checks
 * each against the element's definition before it carries it out.
 */
export type Action =
  | { do: "emit"; event: string; data: Record<string, unknown> }
  /** Ask whoever feeds the sink pad of this kind for a keyframe. */
  | { do: "requestKeyframe" }
  /** Remember these values over a restart, in place of what was kept before (`ElementContext.kept`). */
  | { do: "keep"; values: Record<string, unknown> }
  /** Hubs: `route` may give other answers than before, so routing must be computed anew at the end of the turn. */
  | { do: "reroute" }
  /** The session that runs on this element has reached its peer. */
  | { do: "sessionConnected"; sessionId: string }
  /** The session that runs on this element is over. */
  | { do: "sessionEnded"; sessionId: string; reason: string };

export const emit = (event: string, data: Record<string, unknown> = {}): Action => ({
  do: "emit",
  event,
  data,
});
export const requestKeyframe = (): Action => ({ do: "requestKeyframe" });
export const keep = (values: Record<string, unknown>): Action => ({ do: "keep", values });
export const reroute = (): Action => ({ do: "reroute" });
export const sessionConnected = (sessionId: string): Action => ({ do: "sessionConnected", sessionId });
export const sessionEnded = (sessionId: string, reason: string): Action => ({
  do: "sessionEnded",
  sessionId,
  reason,
});

/** What an operation gives back to its caller, and what it wants done. */
export interface Outcome<Result = unknown> {
  result: Result;
  actions?: Action[];
}

/** A result without any action. */
export function gives<Result>(result: Result, ...actions: Action[]): Outcome<Result> {
  return { result, actions };
}
