import type { NewEvent } from "../../src/event/mod.ts";
import type { Connection, Element, Graph, MediaKind, Pipeline, Session } from "../../src/graph/mod.ts";
import { defaultDescription } from "../../src/graph/mod.ts";

/** A pipeline that was given only an id, except for what `fields` says. */
export function aPipeline(id: string, fields: Partial<Pipeline> = {}): Pipeline {
  return {
    id,
    name: id,
    origin: "client",
    tags: {},
    properties: {},
    createdAtMs: 1000,
    version: 1,
    ...fields,
  };
}

/** A PassThrough of pipeline "p" that was given only an id, except for what `fields` says. */
export function anElement(id: string, fields: Partial<Element> = {}): Element {
  return {
    id,
    pipelineId: "p",
    type: "PassThrough",
    name: id,
    options: {},
    properties: {},
    tags: {},
    parentId: null,
    kept: {},
    sessionId: null,
    createdAtMs: 1000,
    version: 1,
    ...fields,
  };
}

/** A connection of pipeline "p" between default pads, with an id made of its ends and media. */
export function aConnection(
  source: string,
  sink: string,
  media: MediaKind,
  fields: Partial<Connection> = {},
): Connection {
  return {
    id: `${source}>${sink}:${media}`,
    pipelineId: "p",
    source,
    sink,
    media,
    sourceDescription: defaultDescription,
    sinkDescription: defaultDescription,
    createdAtMs: 1000,
    ...fields,
  };
}

/** A connected WHEP session of an element of pipeline "p". */
export function aSession(id: string, elementId: string, fields: Partial<Session> = {}): Session {
  return {
    id,
    kind: "whep",
    pipelineId: "p",
    elementId,
    stream: null,
    state: "connected",
    remoteAddress: null,
    userAgent: null,
    createdAtMs: 1000,
    ...fields,
  };
}

/** An event of pipeline "p". */
export function anEvent(type: string, fields: Partial<NewEvent> = {}): NewEvent {
  return {
    type,
    timeMs: 1000,
    pipelineId: "p",
    elementId: null,
    sessionId: null,
    tags: [],
    data: {},
    ...fields,
  };
}

/** Pipeline "p" with these elements and connections. */
export function aGraph(elements: Element[], connections: Connection[] = []): Graph {
  return {
    pipeline: aPipeline("p"),
    elements: new Map(elements.map((element) => [element.id, element])),
    connections: new Map(connections.map((connection) => [connection.id, connection])),
  };
}
