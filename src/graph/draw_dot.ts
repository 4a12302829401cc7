import { type Connection, defaultDescription, type Element, type Graph } from "./model.ts";

/** What a drawing tells beyond names and media, in lines of their own; nothing where absent. */
export interface DotNotes {
  ofElement?(element: Element): string[];
  ofConnection?(link: Connection): string[];
}

/**
 * The graph in GraphViz's DOT language: a node per element, an edge per connection with its media as label, and a
 * frame around each hub with its ports.
 */
export function drawDot(graph: Graph, notes: DotNotes = {}): string {
  const elements = [...graph.elements.values()];
  return [
    "digraph pipeline {",
    `  label=${quoted([graph.pipeline.name])};`,
    "  rankdir=LR;",
    "  node [shape=box, style=rounded];",
    ...elements.filter((element) => element.parentId === null)
      .flatMap((element) => withPorts(element, elements, notes)),
    ...[...graph.connections.values()].map((link) => edgeOf(link, notes)),
    "}",
    "",
  ].join("\n");
}

/** The part of a graph that is about one element: itself, its ports or its hub, and what it is connected to. */
export function aroundElement(graph: Graph, elementId: string): Graph {
  const isOwn = (element: Element) => element.id === elementId || element.parentId === elementId;
  const own = new Set([...graph.elements.values()].filter(isOwn).map(({ id }) => id));
  const links = [...graph.connections].filter(([, link]) => own.has(link.source) || own.has(link.sink));
  const shown = new Set([...own, ...links.flatMap(([, link]) => [link.source, link.sink])]);
  for (const id of [...shown]) {
    const hub = graph.elements.get(id)?.parentId;
    if (hub) shown.add(hub);
  }
  return {
    pipeline: graph.pipeline,
    elements: new Map([...graph.elements].filter(([id]) => shown.has(id))),
    connections: new Map(links),
  };
}

/** What an element is called in a drawing: type, name where it has one of its own, id. */
export function captionOf(element: Element): string[] {
  const name = element.name === element.id ? [] : [element.name];
  return [element.type, ...name, element.id];
}

/** What is written at a connection: its media, and the pads' descriptions where they are not the usual ones. */
export function mediaCaptionOf(link: Connection): string {
  const plain = link.sourceDescription === defaultDescription && link.sinkDescription === defaultDescription;
  return plain ? link.media : `${link.media} ${link.sourceDescription} → ${link.sinkDescription}`;
}

function withPorts(element: Element, elements: readonly Element[], notes: DotNotes): string[] {
  const ports = elements.filter((each) => each.parentId === element.id);
  if (ports.length === 0) return [nodeOf(element, notes)];
  return [
    `  subgraph ${quoted([`cluster ${element.id}`])} {`,
    ...[element, ...ports].map((each) => `  ${nodeOf(each, notes)}`),
    "  }",
  ];
}

function nodeOf(element: Element, notes: DotNotes): string {
  const lines = [...captionOf(element), ...notes.ofElement?.(element) ?? []];
  return `  ${quoted([element.id])} [label=${quoted(lines)}];`;
}

function edgeOf(link: Connection, notes: DotNotes): string {
  const lines = [mediaCaptionOf(link), ...notes.ofConnection?.(link) ?? []];
  return `  ${quoted([link.source])} -> ${quoted([link.sink])} [label=${quoted(lines)}];`;
}

/** A quoted string of one or more lines. GraphViz reads backslash escapes and HTML entities in labels. */
function quoted(lines: string[]): string {
  return `"${lines.map(escaped).join("\\n")}"`;
}

function escaped(text: string): string {
  // deno-lint-ignore no-control-regex
  const visible = text.replace(/[\u0000-\u001f\u007f]/g, " ");
  return visible.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;");
}
