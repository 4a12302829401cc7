import type { Element, Graph } from "./model.ts";

/** What happened, for followers; the house gives it number and time when it is committed. */
export interface PlannedEvent {
  type: string;
  elementId: string | null;
  data: Record<string, unknown>;
}

/** What has to happen to live elements, in this order. */
export type Effect = { kind: "start"; element: Element } | { kind: "stop"; element: Element };

export interface Plan {
  graph: Graph;
  effects: Effect[];
  events: PlannedEvent[];
}

/** Which media kinds an element of this type has pads for. */
export type PadsOf = (type: string) => ReadonlySet<string>;
