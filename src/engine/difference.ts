import type { Graph } from "../graph/mod.ts";
import type { Commit } from "../store/mod.ts";

/** The rows that make `before` into `after`; null when none do. Unchanged rows are the same objects in both. */
export function difference(before: Graph, after: Graph): Omit<Commit, "events"> | null {
  if (before === after) return null;
  return {
    putPipelines: before.pipeline === after.pipeline ? [] : [after.pipeline],
    putElements: changed(before.elements, after.elements),
    removeElements: missing(before.elements, after.elements),
    putConnections: changed(before.connections, after.connections),
    removeConnections: missing(before.connections, after.connections),
  };
}

function changed<Row>(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): Row[] {
  if (before === after) return [];
  return [...after].filter(([id, row]) => before.get(id) !== row).map(([, row]) => row);
}

function missing<Row>(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): string[] {
  if (before === after) return [];
  return [...before.keys()].filter((id) => !after.has(id));
}
