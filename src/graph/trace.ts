import type { PadRole } from "./definition.ts";
import { linksInto, linksOutOf, portsOf } from "./index_of.ts";
import type { Element, Graph, MediaKind } from "./model.ts";

/** What the graph itself does not say about the ways through its elements. */
export interface Ways {
  /** What a pad of this kind is to elements of this type; undefined when they have none. */
  roleOf(type: string, media: MediaKind): PadRole | undefined;
  /** The port of the hub whose sink pad feeds the source pad of `portId` now, or null. */
  route(hubId: string, portId: string, media: MediaKind): string | null;
}

/** How media comes to a pad. */
export interface Way {
  /** The endpoint element that it begins at. */
  readonly origin: string;
  /** Elements that are no endpoints and whose source pads it leaves after that, the nearest to its end first. */
  readonly passed: ReadonlySet<string>;
}

/**
 * How media comes to `elementId`'s sink pad of this kind, through however many elements and hubs, or null when none
 * does. A circle that no endpoint is part of feeds nothing.
 */
export function wayInto(graph: Graph, elementId: string, media: MediaKind, ways: Ways): Way | null {
  return wayFrom(graph, sourceInto(graph, elementId, media), media, ways);
}

/** The endpoint element whose source pad feeds `elementId`'s sink pad of this kind, however far away, or null. */
export function feederOf(graph: Graph, elementId: string, media: MediaKind, ways: Ways): string | null {
  return wayInto(graph, elementId, media, ways)?.origin ?? null;
}

/** The endpoint element whose media leaves `elementId`'s source pad of this kind: itself when it is one. */
export function originOf(graph: Graph, elementId: string, media: MediaKind, ways: Ways): string | null {
  return wayFrom(graph, elementId, media, ways)?.origin ?? null;
}

/** Elements whose sink pads are fed through, and elements whose source pads give, what somebody is interested in. */
export interface Reach {
  readonly sinks: Set<string>;
  readonly sources: Set<string>;
}

/**
 * Everything that is fed, through however many elements and hubs, by what enters these sink pads or leaves these source
 * pads; with what was given, nearer ones first, each once.
 */
export function downstream(
  graph: Graph,
  from: { sinks: Iterable<string>; sources: Iterable<string> },
  media: MediaKind,
  ways: Ways,
): Reach {
  const reach = { sinks: new Set(from.sinks), sources: new Set(from.sources) };
  for (const source of reach.sources) addSinksOf(reach.sinks, graph, source, media);
  // A set that grows while it is walked through: what is added is reached too, what is in it is not added again.
  for (const sink of reach.sinks) {
    for (const source of sourcesBehind(graph, sink, media, ways)) {
      reach.sources.add(source);
      addSinksOf(reach.sinks, graph, source, media);
    }
  }
  return reach;
}

function wayFrom(graph: Graph, start: string | null, media: MediaKind, ways: Ways): Way | null {
  const passed = new Set<string>();
  let at = start;
  while (at !== null && !passed.has(at)) {
    const element = graph.elements.get(at);
    if (!element) return null;
    const role = ways.roleOf(element.type, media);
    if (role === "endpoint") return { origin: at, passed };
    passed.add(at);
    at = sinkBefore(graph, element, role, media, ways);
    if (at !== null) at = sourceInto(graph, at, media);
  }
  return null;
}

/** The element through whose sink pad came what leaves the source pad of `element`. */
function sinkBefore(
  graph: Graph,
  element: Element,
  role: PadRole | undefined,
  media: MediaKind,
  ways: Ways,
): string | null {
  if (role === "through") return element.id;
  if (role !== "port" || element.parentId === null) return null;
  const from = ways.route(element.parentId, element.id, media);
  // What a hub says is checked: a port of another hub, or one that is gone, feeds nothing.
  return from !== null && graph.elements.get(from)?.parentId === element.parentId ? from : null;
}

/** The elements whose source pads give what enters the sink pad of `elementId`, endpoints left out. */
function sourcesBehind(graph: Graph, elementId: string, media: MediaKind, ways: Ways): string[] {
  const element = graph.elements.get(elementId);
  const role = element && ways.roleOf(element.type, media);
  if (role === "through") return [elementId];
  const hubId = element?.parentId ?? null;
  if (role !== "port" || hubId === null) return [];
  return [...portsOf(graph, hubId)].filter((portId) => ways.route(hubId, portId, media) === elementId);
}

function addSinksOf(sinks: Set<string>, graph: Graph, source: string, media: MediaKind): void {
  for (const link of linksOutOf(graph, source, media)) sinks.add(link.sink);
}

function sourceInto(graph: Graph, sink: string, media: MediaKind): string | null {
  return linksInto(graph, sink).find((link) => link.media === media)?.source ?? null;
}
