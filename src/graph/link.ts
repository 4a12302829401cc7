import { AppError } from "../base/mod.ts";
import {
  type Connection,
  defaultDescription,
  elementOf,
  type Graph,
  type MediaKind,
  touch,
} from "./model.ts";
import type { PadsOf, Plan, PlannedEvent } from "./planned.ts";

export interface ConnectChange {
  kind: "connect";
  connection: Connection;
}

/** Ends every connection that fits; none at all is no error (Kurento's disconnect is as tolerant). */
export interface DisconnectChange {
  kind: "disconnect";
  source: string;
  sink: string;
  media?: MediaKind;
  sourceDescription?: string;
  sinkDescription?: string;
}

/** Adds a connection. A sink pad has one source at most: what fed it before is silently replaced. */
export function connect(graph: Graph, change: ConnectChange, padsOf: PadsOf): Plan {
  const link = change.connection;
  requirePad(graph, link, "source", padsOf);
  requirePad(graph, link, "sink", padsOf);
  const replaced = [...graph.connections.values()].filter((other) =>
    other.sink === link.sink && other.media === link.media && other.sinkDescription === link.sinkDescription
  );
  const connections = new Map(graph.connections);
  for (const other of replaced) connections.delete(other.id);
  connections.set(link.id, link);
  return {
    graph: touch({ ...graph, connections }),
    effects: [],
    events: [
      ...replaced.map(disconnected),
      { type: "ElementConnected", elementId: link.source, data: linkData(link) },
    ],
  };
}

/** Removes the connections that fit the change. */
export function disconnect(graph: Graph, change: DisconnectChange): Plan {
  elementOf(graph, change.source);
  elementOf(graph, change.sink);
  const ended = [...graph.connections.values()].filter((link) => fits(link, change));
  const connections = new Map(graph.connections);
  for (const link of ended) connections.delete(link.id);
  return {
    graph: ended.length === 0 ? graph : touch({ ...graph, connections }),
    effects: [],
    events: ended.map(disconnected),
  };
}

function fits(link: Connection, change: DisconnectChange): boolean {
  return link.source === change.source && link.sink === change.sink &&
    (change.media ?? link.media) === link.media &&
    (change.sourceDescription ?? link.sourceDescription) === link.sourceDescription &&
    (change.sinkDescription ?? link.sinkDescription) === link.sinkDescription;
}

function requirePad(graph: Graph, link: Connection, side: "source" | "sink", padsOf: PadsOf): void {
  const element = elementOf(graph, link[side]);
  const description = side === "source" ? link.sourceDescription : link.sinkDescription;
  if (padsOf(element.type).has(link.media) && description === defaultDescription) return;
  const pads = [...padsOf(element.type)].map((media) => `${media} "${defaultDescription}"`).join(", ") ||
    "none";
  throw new AppError(
    "pad_not_found",
    `Cannot connect "${link.source}" to "${link.sink}": ${element.type} has no ${side} pad ${link.media} ` +
      `"${description}", its pads are ${pads}`,
  );
}

/** The event that tells of a connection's end. */
export function disconnected(link: Connection): PlannedEvent {
  return { type: "ElementDisconnected", elementId: link.source, data: linkData(link) };
}

/** Payload of ElementConnected and ElementDisconnected. */
function linkData(link: Connection): Record<string, unknown> {
  return {
    sink: link.sink,
    mediaType: link.media.toUpperCase(),
    sourceMediaDescription: link.sourceDescription,
    sinkMediaDescription: link.sinkDescription,
  };
}
