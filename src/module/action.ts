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
  /**
   * What leaves the source pads of this element has come to its end: sinks that it reaches are told (`onEndOfStream`) when
   * nothing else comes there that goes on.
   */
  | { do: "endOfStream" }
  /** A file that this element writes, or has written, as it is now; a later one of the same path takes its place. */
  | { do: "recorded"; file: RecordedFile }
  /** Hubs: `route` may give other answers than before, so routing must be computed anew at the end of the turn. */
  | { do: "reroute" }
  /** The session that runs on this element has reached its peer. */
  | { do: "sessionConnected"; sessionId: string }
  /** The session that runs on this element is over. */
  | { do: "sessionEnded"; sessionId: string; reason: string };

/** One file of a recorder. */
export interface RecordedFile {
  /** Below the media folder, as events of programs tell it. */
  path: string;
  /** Name of the profile that it is written by. */
  profile: string;
  /** "interrupted": it was not closed in good order, and plays to about its last second. */
  state: "recording" | "complete" | "interrupted";
  /** Of what is in it so far. */
  durationMs: number;
  tracks: readonly RecordedTrack[];
  /** Milliseconds since the Unix epoch. */
  startedAtMs: number;
}

/** One stream in a file. */
export interface RecordedTrack {
  media: "audio" | "video";
  /** Encoding name in upper case: VP8, H264, OPUS, AAC, … */
  codec: string;
}

export const emit = (event: string, data: Record<string, unknown> = {}): Action => ({
  do: "emit",
  event,
  data,
});
export const requestKeyframe = (): Action => ({ do: "requestKeyframe" });
export const keep = (values: Record<string, unknown>): Action => ({ do: "keep", values });
export const endOfStream = (): Action => ({ do: "endOfStream" });
export const recorded = (file: RecordedFile): Action => ({ do: "recorded", file });
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
  /**
   * Settles when the operation is done, with what the caller gets in place of `result`. The turn does not wait for it,
   * so an operation may take as long as it must without keeping its pipeline from anything.
   */
  completion?: Promise<Result>;
}

/** A result without any action. */
export function gives<Result>(result: Result, ...actions: Action[]): Outcome<Result> {
  return { result, actions };
}

/** The operation goes on after its turn: the caller gets what `completion` gives, however late. */
export function givesLater<Result>(
  completion: Promise<Result>,
  ...actions: Action[]
): Outcome<Result | null> {
  return { result: null, completion, actions };
}
