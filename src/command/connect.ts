import { AppError, newId } from "../base/mod.ts";
import {
  allOf,
  type Change,
  type Connection,
  defaultDescription,
  elementOf,
  type Graph,
  type MediaKind,
  mediaKinds,
} from "../graph/mod.ts";
import type { House } from "./house.ts";
import { findObject, requireMediaElement } from "./object/found.ts";
import type { ConnectionView, NewConnection } from "./types.ts";
import { connectionView } from "./views.ts";

/** Connects source to sink for one media kind, or for every kind both have a pad for. */
export async function connect(house: House, input: NewConnection): Promise<ConnectionView[]> {
  const pipeline = commonPipeline(house, input, "connect");
  return await house.engine.inTurn(pipeline, (turn) => {
    const changes = newConnections(house, turn.graph, input);
    turn.change(...changes);
    return changes.map(({ connection }) => connectionView(connection));
  });
}

/** The one pipeline that both ends stand in; throws when there is none, or when an end is no media element. */
export function commonPipeline(house: House, input: NewConnection, verb: "connect" | "disconnect") {
  const [source, sink] = [input.source, input.sink].map((id) => {
    const object = findObject(house, id);
    requireMediaElement(object.definition, id, `${verb} "${input.source}" and "${input.sink}"`);
    return house.engine.homeOf(id, "element_not_found");
  });
  if (source === sink) return source;
  throw new AppError(
    "pipelines_differ",
    `Cannot ${verb} "${input.source}" and "${input.sink}": they belong to different pipelines, ` +
      "only elements of one pipeline can be connected",
  );
}

/** The changes that make the connections `input` asks for, at least one. */
export function newConnections(
  house: House,
  graph: Graph,
  input: NewConnection,
): Extract<Change, { kind: "connect" }>[] {
  const connections = wantedConnections(house, graph, input);
  if (connections.length > 0) return connections.map((connection) => ({ kind: "connect", connection }));
  throw new AppError(
    "link_format_mismatch",
    `Cannot connect "${input.source}" to "${input.sink}": they have no media kind in common`,
  );
}

/** The connections that `input` is about, one per kind, whether they exist or not. */
export function wantedConnections(house: House, graph: Graph, input: NewConnection): Connection[] {
  const kinds = input.media ? [input.media] : sharedKinds(house, graph, input);
  return kinds.map((media) => newConnection(house, graph, input, media));
}

function sharedKinds(house: House, graph: Graph, input: NewConnection): MediaKind[] {
  const padsOf = (elementId: string) => {
    const definition = house.registry.get(elementOf(graph, elementId).type);
    requireMediaElement(definition, elementId, `connect "${input.source}" to "${input.sink}"`);
    return allOf(definition, "pads");
  };
  const [source, sink] = [padsOf(input.source), padsOf(input.sink)];
  return mediaKinds.filter((media) => source[media] && sink[media]);
}

function newConnection(house: House, graph: Graph, input: NewConnection, media: MediaKind): Connection {
  return {
    id: newId(),
    pipelineId: graph.pipeline.id,
    source: input.source,
    sink: input.sink,
    media,
    sourceDescription: input.sourceDescription ?? defaultDescription,
    sinkDescription: input.sinkDescription ?? defaultDescription,
    createdAtMs: house.clock.now(),
  };
}
