import type { PadRole } from "./definition.ts";
import type { Graph, MediaKind } from "./model.ts";

/** What a pad of this kind is to elements of this type; undefined when they have none. */
export type RoleOf = (type: string, media: MediaKind) => PadRole | undefined;

/**
 * The endpoint element whose source pad feeds `elementId`'s sink pad of this kind, however many elements the media
 * passes through on its way, or null when nothing does. A circle of pass-through elements feeds nothing.
 */
export function feederOf(graph: Graph, elementId: string, media: MediaKind, roleOf: RoleOf): string | null {
  const visited = new Set<string>();
  let at = sourceInto(graph, elementId, media);
  while (at !== null && !visited.has(at)) {
    visited.add(at);
    const element = graph.elements.get(at);
    if (!element) return null;
    if (roleOf(element.type, media) === "endpoint") return at;
    at = sourceInto(graph, at, media);
  }
  return null;
}

function sourceInto(graph: Graph, sink: string, media: MediaKind): string | null {
  return sourcesOf(graph).get(`${sink} ${media}`) ?? null;
}

/** Index of what feeds which sink pad, made once per graph: viewers may be thousands, and every one is traced. */
function sourcesOf(graph: Graph): Map<string, string> {
  const known = indices.get(graph.connections);
  if (known) return known;
  const index = new Map<string, string>();
  for (const link of graph.connections.values()) index.set(`${link.sink} ${link.media}`, link.source);
  indices.set(graph.connections, index);
  return index;
}

const indices = new WeakMap<Graph["connections"], Map<string, string>>();
