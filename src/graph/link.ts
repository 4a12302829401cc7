import { AppError } from "../base/mod.ts";
import type { Draft } from "./draft.ts";
import {
  type Connection,
  defaultDescription,
  type ElementLookup,
  elementOf,
  type MediaKind,
} from "./model.ts";
import type { PadsOf, PlannedEvent } from "./planned.ts";

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
export function connect(draft: Draft, { connection }: ConnectChange, padsOf: PadsOf): void {
  requirePads(draft, connection, padsOf);
  const replaced = draft.atSinkOf(connection);
  if (replaced) end(draft, replaced);
  draft.putConnection(connection);
  draft.touch();
  draft.events.push({ type: "ElementConnected", elementId: connection.source, data: linkData(connection) });
}

/** Removes the connections that fit the change. */
export function disconnect(draft: Draft, change: DisconnectChange): void {
  elementOf(draft, change.source);
  elementOf(draft, change.sink);
  const ended = draft.linksInto(change.sink).filter((link) => fits(link, change));
  for (const link of ended) end(draft, link);
  if (ended.length > 0) draft.touch();
}

function end(draft: Draft, link: Connection): void {
  draft.dropConnection(link);
  draft.events.push(disconnected(link));
}

function fits(link: Connection, change: DisconnectChange): boolean {
  return link.source === change.source &&
    (change.media ?? link.media) === link.media &&
    (change.sourceDescription ?? link.sourceDescription) === link.sourceDescription &&
    (change.sinkDescription ?? link.sinkDescription) === link.sinkDescription;
}

/** Throws pad_not_found unless both ends have the pad that the connection names. */
export function requirePads(graph: ElementLookup, link: Connection, padsOf: PadsOf): void {
  requirePad(graph, link, "source", padsOf);
  requirePad(graph, link, "sink", padsOf);
}

function requirePad(
  graph: ElementLookup,
  link: Connection,
  side: "source" | "sink",
  padsOf: PadsOf,
): void {
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
