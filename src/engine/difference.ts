import type { Connection, Graph, Touched } from "../graph/mod.ts";
import type { Commit } from "../store/mod.ts";

/** What several plans together may have changed. */
export class AllTouched implements Touched {
  readonly elements = new Set<string>();
  readonly connections = new Map<string, Connection>();

  add(touched: Touched): void {
    for (const elementId of touched.elements) this.elements.add(elementId);
    for (const [id, link] of touched.connections) this.connections.set(id, link);
  }
}

/**
 * The rows that make `before` into `after`, which differ in nothing that is not in `touched`; null when none do.
 * Unchanged rows are the same objects in both.
 */
export function difference(before: Graph, after: Graph, touched: Touched): Omit<Commit, "events"> | null {
  if (before === after) return null;
  const elements = rowsOf(before.elements, after.elements, touched.elements);
  const connections = rowsOf(before.connections, after.connections, touched.connections.keys());
  return {
    putPipelines: before.pipeline === after.pipeline ? [] : [after.pipeline],
    putElements: elements.put,
    removeElements: elements.removed,
    putConnections: connections.put,
    removeConnections: connections.removed,
  };
}

function rowsOf<Row>(
  before: ReadonlyMap<string, Row>,
  after: ReadonlyMap<string, Row>,
  touched: Iterable<string>,
): { put: Row[]; removed: string[] } {
  const put: Row[] = [];
  const removed: string[] = [];
  for (const id of touched) {
    const row = after.get(id);
    if (row === undefined) {
      if (before.has(id)) removed.push(id);
    } else if (row !== before.get(id)) put.push(row);
  }
  return { put, removed };
}
