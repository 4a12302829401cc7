/** One fact that followers are told of. The sequence has no holes and never goes back, restarts included. */
export interface EventEnvelope {
  /** 1, 2, 3 …; given when the event is committed. */
  readonly seq: number;
  /** Kurento's name where Kurento has such an event, else one in the same style. */
  readonly type: string;
  readonly timeMs: number;
  readonly pipelineId: string | null;
  readonly elementId: string | null;
  readonly sessionId: string | null;
  /** Tags of the element or pipeline where its sendTagsInEvents is set, else empty. */
  readonly tags: readonly { key: string; value: string }[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event before it is committed. */
export type NewEvent = Omit<EventEnvelope, "seq">;

/** Which events a follower wants; an absent field wants all. */
export interface EventFilter {
  readonly pipelineId?: string;
  readonly elementId?: string;
  readonly types?: readonly string[];
}

export function matches(filter: EventFilter, event: EventEnvelope): boolean {
  return (filter.pipelineId === undefined || filter.pipelineId === event.pipelineId) &&
    (filter.elementId === undefined || filter.elementId === event.elementId) &&
    (filter.types === undefined || filter.types.includes(event.type));
}
