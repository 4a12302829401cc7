import { AppError } from "../base/mod.ts";

/** What a pad carries. Events and Kurento's wire write these in upper case. */
export type MediaKind = "audio" | "video" | "data";
export const mediaKinds: readonly MediaKind[] = ["audio", "video", "data"];

export type Tags = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, unknown>>;

/**
 * Where a pipeline came from: a client of REST made it, a WHIP publisher whose stream had none, or a session of
 * Kurento's protocol. Those of "kurento" live no longer than the sessions that hold them and end with a restart.
 */
export type PipelineOrigin = "client" | "stream" | "kurento";

export interface Pipeline {
  readonly id: string;
  /**
   * Unique among pipelines that were named, but for those of Kurento's protocol; the id when none was given. A stream
   * is a pipeline by name.
   */
  readonly name: string;
  readonly origin: PipelineOrigin;
  readonly tags: Tags;
  readonly properties: Values;
  readonly createdAtMs: number;
  /** Grows with every change of the pipeline or of anything in it. */
  readonly version: number;
}

export interface Element {
  readonly id: string;
  readonly pipelineId: string;
  readonly type: string;
  /** Unique within the pipeline, but where names may be shared; the id when none was given. */
  readonly name: string;
  readonly options: Values;
  /** The settable properties that differ from their defaults. */
  readonly properties: Values;
  readonly tags: Tags;
  /** The hub this port belongs to; null for everything that stands in the pipeline itself. */
  readonly parentId: string | null;
  /** What the element wants remembered over a restart (module's `keep`), {} at first. Clients do not see it. */
  readonly kept: Values;
  /** The session this element was made for and ends with (a WHEP viewer); null for elements of their own. */
  readonly sessionId: string | null;
  readonly createdAtMs: number;
  readonly version: number;
}

export interface Connection {
  readonly id: string;
  readonly pipelineId: string;
  readonly source: string;
  readonly sink: string;
  readonly media: MediaKind;
  readonly sourceDescription: string;
  readonly sinkDescription: string;
  readonly createdAtMs: number;
}

/** What clients may change of the server itself, which is an object like others. */
export interface ServerObject {
  readonly id: string;
  /** The id when none was given. */
  readonly name: string;
  readonly tags: Tags;
  readonly properties: Values;
}

/** One pipeline with all that is in it; never changed in place. Maps keep the order of creation. */
export interface Graph {
  readonly pipeline: Pipeline;
  readonly elements: ReadonlyMap<string, Element>;
  readonly connections: ReadonlyMap<string, Connection>;
}

/** Name of the only pad per kind and direction that an element has unless its definition says otherwise. */
export const defaultDescription = "default";

/** One WHIP publisher or WHEP viewer; it lives as long as its HTTP session resource. */
export interface Session {
  readonly id: string;
  readonly kind: "whip" | "whep";
  readonly pipelineId: string;
  readonly elementId: string;
  /** The name in the URL it was made with; null when it was made at an element. */
  readonly stream: string | null;
  /** "connecting" until ICE and DTLS are through, "counterOffered" while a WHEP client owes an answer. */
  readonly state: "counterOffered" | "connecting" | "connected";
  readonly remoteAddress: string | null;
  readonly userAgent: string | null;
  readonly createdAtMs: number;
}

/**
 * Whether the pipeline may have a name that another one has, and so may its elements: in Kurento's protocol a name is a
 * label that need not tell objects apart.
 */
export function mayShareNames({ origin }: Pick<Pipeline, "origin">): boolean {
  return origin === "kurento";
}

/** Anything that knows elements by id: a graph, or one that is being changed. */
export interface ElementLookup {
  readonly elements: { get(elementId: string): Element | undefined };
}

/** Tags that events of this object carry: its own where it wants so, else none. */
export function eventTags(
  { properties, tags }: Pick<Element, "properties" | "tags">,
): { key: string; value: string }[] {
  if (properties.sendTagsInEvents !== true) return [];
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** The element, or `element_not_found`. */
export function elementOf(graph: ElementLookup, elementId: string): Element {
  const element = graph.elements.get(elementId);
  if (element) return element;
  throw new AppError("element_not_found", `Cannot find element "${elementId}": no pipeline has it`);
}

/** A file that a recorder of this server wrote. It outlives the element and the pipeline. */
export interface Recording {
  /** Path below the media folder, with slashes. */
  readonly id: string;
  readonly pipelineId: string;
  readonly elementId: string;
  /** Name of the profile that it was written by. */
  readonly profile: string;
  /** "interrupted": it was not closed in good order. */
  readonly state: "recording" | "complete" | "interrupted";
  /** Of what is in it, as last told. */
  readonly durationMs: number;
  readonly tracks: readonly { media: "audio" | "video"; codec: string }[];
  readonly createdAtMs: number;
}
