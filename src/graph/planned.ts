import type { Connection, Element, Graph } from "./model.ts";

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
  touched: Touched;
}

/** What a plan may have changed, added or removed; nothing else differs from the graph before. */
export interface Touched {
  readonly elements: ReadonlySet<string>;
  /** By id, with one row of each: ends and media of a connection never change. */
  readonly connections: ReadonlyMap<string, Connection>;
}

/** Which media kinds an element of this type has pads for. */
export type PadsOf = (type: string) => ReadonlySet<string>;
