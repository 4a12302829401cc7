import { AppError } from "../base/mod.ts";
import type { LivePipeline } from "../engine/mod.ts";
import { allOf, type Element, elementNamed, type Graph, linksInto } from "../graph/mod.ts";
import type { House } from "./house.ts";

/** Name of the element that a stream's publisher uses, when the pipeline has one of this name. */
export const publisherName = "publisher";
/** Name of the element that a stream's viewers are connected to, when the pipeline has one of this name. */
export const outputName = "output";

/** The pipeline of a stream, or null: the oldest pipeline that has the stream's name. */
export function streamPipeline(house: House, stream: string): LivePipeline | null {
  for (const pipeline of house.engine.pipelines()) {
    if (pipeline.graph.pipeline.name === stream) return pipeline;
  }
  return null;
}

/**
 * The element that takes a stream's publisher: the one named "publisher", else the oldest that can take sessions, was
 * not made for one, and is fed by nothing; null when there is none.
 */
export function publisherOf(house: House, graph: Graph): Element | null {
  const named = elementNamed(graph, publisherName);
  if (named?.sessionId === null) return named;
  // The oldest come first: the search ends long before it reaches the viewers.
  for (const element of graph.elements.values()) {
    if (element.sessionId !== null || !takesSessions(house, element)) continue;
    if (linksInto(graph, element.id).length === 0) return element;
  }
  return null;
}

/** The element whose output a stream's viewers see: the one named "output", else the publisher's. */
export function outputOf(house: House, graph: Graph): Element | null {
  return elementNamed(graph, outputName) ?? publisherOf(house, graph);
}

/** True for elements where media enters or leaves the server. */
export function takesSessions(house: House, element: Element): boolean {
  return Object.values(allOf(house.registry.get(element.type), "pads")).includes("endpoint");
}

/** Refuses a viewer while nobody publishes. A publisher that is still connecting counts: its media is on its way. */
export function requireLive(pipeline: LivePipeline, output: Element, stream: string): void {
  const live = pipeline.live(output.id);
  const flows = live?.flowing("out", "video") || live?.flowing("out", "audio");
  if (flows || isPublished(pipeline)) return;
  throw notLive(stream);
}

function isPublished(pipeline: LivePipeline): boolean {
  for (const session of pipeline.sessions.values()) if (session.kind === "whip") return true;
  return false;
}

export function notLive(stream: string): AppError {
  return new AppError(
    "stream_not_live",
    `Cannot watch "${stream}": nobody publishes it now, try again when somebody does`,
    { retryAfterSeconds: 2 },
  );
}
