import type { MediaKind } from "../../graph/mod.ts";
import { connect } from "../connect.ts";
import { disconnectPads } from "../disconnect.ts";
import type { House } from "../house.ts";
import { listConnections } from "../list.ts";
import type { NewConnection } from "../types.ts";
import { type FoundElement, mediaKindOf } from "./found.ts";

type MediaType = Uppercase<MediaKind>;

interface ToSink {
  sink: string;
  mediaType?: MediaType;
  sourceMediaDescription?: string;
  sinkMediaDescription?: string;
}

interface Wanted {
  mediaType?: MediaType;
  description?: string;
}

/** One connection as Kurento tells of it. */
export interface ElementConnectionData {
  source: string;
  sink: string;
  type: MediaType;
  sourceDescription: string;
  sinkDescription: string;
}

/** Connects this element to `sink` for one kind of media, or for every kind that both have a pad for. */
export async function connectTo(house: House, object: FoundElement, input: ToSink): Promise<null> {
  await connect(house, asConnection(object, input));
  return null;
}

/** Ends what `connectTo` made; followers hear of the pads' end also where nothing connected them. */
export async function disconnectFrom(house: House, object: FoundElement, input: ToSink): Promise<null> {
  await disconnectPads(house, asConnection(object, input));
  return null;
}

/** What feeds this element. */
export function getSourceConnections(house: House, object: FoundElement, wanted: Wanted) {
  return connectionsOf(house, object, "incoming", wanted)
    .filter((link) => (wanted.description ?? link.sinkDescription) === link.sinkDescription);
}

/** What this element feeds. */
export function getSinkConnections(house: House, object: FoundElement, wanted: Wanted) {
  return connectionsOf(house, object, "outgoing", wanted)
    .filter((link) => (wanted.description ?? link.sourceDescription) === link.sourceDescription);
}

function connectionsOf(
  house: House,
  object: FoundElement,
  direction: "incoming" | "outgoing",
  { mediaType }: Wanted,
): ElementConnectionData[] {
  return listConnections(house, object.id, direction).map((link) => ({
    source: link.source,
    sink: link.sink,
    type: link.media.toUpperCase() as MediaType,
    sourceDescription: link.sourceDescription,
    sinkDescription: link.sinkDescription,
  })).filter(({ type }) => (mediaType ?? type) === type);
}

function asConnection(object: FoundElement, input: ToSink): NewConnection {
  return {
    source: object.id,
    sink: input.sink,
    media: input.mediaType && mediaKindOf(input.mediaType),
    sourceDescription: input.sourceMediaDescription,
    sinkDescription: input.sinkMediaDescription,
  };
}
