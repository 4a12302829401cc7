import { AppError } from "../base/mod.ts";
import type { LivePipeline } from "../engine/mod.ts";
import {
  allOf,
  type Definition,
  type Element,
  elementNamed,
  type Graph,
  linksInto,
  mayShareNames,
} from "../graph/mod.ts";
import type { House } from "./house.ts";

/** Name of the element that a stream's publisher uses, when the pipeline has one of this name. */
export const publisherName = "publisher";
/** Name of the element that a stream's viewers are connected to, when the pipeline has one of this name. */
export const outputName = "output";

/**
 * The pipeline of a stream, or null: the one whose name must be its own; else the oldest of those that share the name.
 * So no client of Kurento's protocol takes a stream away by giving its name to something.
 */
export function streamPipeline(house: House, stream: string): LivePipeline | null {
  let oldest: LivePipeline | null = null;
  for (const pipeline of house.engine.pipelines()) {
    if (pipeline.graph.pipeline.name !== stream) continue;
    if (!mayShareNames(pipeline.graph.pipeline)) return pipeline;
    oldest ??= pipeline;
  }
  return oldest;
}

/**
 * The element that takes a stream's publisher: the one named "publisher", else the oldest that can take sessions, was
 * not made for one, and is fed by nothing; null when there is none.
 */
export function publisherOf(house: House, graph: Graph): Element | null {
  return givenPublisher(graph) ?? oldestUnfed(graph, (element) => takesSessions(house, element));
}

/**
 * The element whose output a stream's viewers see: the one named "output", else the one named "publisher", else the
 * oldest where media enters the server: a publisher's, a player, whatever was not made for a session and is fed by
 * nothing.
 */
export function outputOf(house: House, graph: Graph): Element | null {
  return elementNamed(graph, outputName) ?? givenPublisher(graph) ??
    oldestUnfed(graph, ({ type }) => hasEnds(house.registry.get(type)));
}

/** True for elements that a WHIP or WHEP session can run on. */
export function takesSessions(house: House, { pipelineId, id }: Element): boolean {
  return house.engine.find(pipelineId)?.live(id)?.instance.session !== undefined;
}

function givenPublisher(graph: Graph): Element | null {
  const named = elementNamed(graph, publisherName);
  return named?.sessionId === null ? named : null;
}

/** The oldest come first: the search ends long before it reaches the viewers. */
function oldestUnfed(graph: Graph, fits: (element: Element) => boolean): Element | null {
  for (const element of graph.elements.values()) {
    if (element.sessionId !== null || !fits(element)) continue;
    if (linksInto(graph, element.id).length === 0) return element;
  }
  return null;
}

/** Whether media enters or leaves the server by elements of this type. */
function hasEnds(definition: Definition): boolean {
  return Object.values(allOf(definition, "pads")).includes("endpoint");
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
