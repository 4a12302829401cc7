import { type Connection, defaultDescription, type Element, type Graph } from "./model.ts";

/** The graph in GraphViz's DOT language: a node per element, an edge per connection with its media as label. */
export function drawDot(graph: Graph): string {
  return [
    "digraph pipeline {",
    `  label=${quoted([graph.pipeline.name])};`,
    "  rankdir=LR;",
    "  node [shape=box, style=rounded];",
    ...[...graph.elements.values()].map(nodeOf),
    ...[...graph.connections.values()].map(edgeOf),
    "}",
    "",
  ].join("\n");
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

function nodeOf(element: Element): string {
  return `  ${quoted([element.id])} [label=${quoted(captionOf(element))}];`;
}

function edgeOf(link: Connection): string {
  return `  ${quoted([link.source])} -> ${quoted([link.sink])} [label=${quoted([mediaCaptionOf(link)])}];`;
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
