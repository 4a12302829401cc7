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
import type { ConnectionView, NewConnection } from "./types.ts";
import { connectionView } from "./views.ts";

/** Connects source to sink for one media kind, or for every kind both have a pad for. */
export async function connect(house: House, input: NewConnection): Promise<ConnectionView[]> {
  const pipeline = house.engine.homeOf(input.source, "element_not_found");
  if (house.engine.homeOf(input.sink, "element_not_found") !== pipeline) {
    throw new AppError(
      "pipelines_differ",
      `Cannot connect "${input.source}" to "${input.sink}": they belong to different pipelines, ` +
        "only elements of one pipeline can be connected",
    );
  }
  return await house.engine.inTurn(pipeline, (turn) => {
    const changes = newConnections(house, turn.graph, input);
    turn.change(...changes);
    return changes.map(({ connection }) => connectionView(connection));
  });
}

/** The changes that make the connections `input` asks for, at least one. */
export function newConnections(
  house: House,
  graph: Graph,
  input: NewConnection,
): Extract<Change, { kind: "connect" }>[] {
  const kinds = input.media ? [input.media] : sharedKinds(house, graph, input);
  return kinds.map((media) => ({ kind: "connect", connection: newConnection(house, graph, input, media) }));
}

function sharedKinds(house: House, graph: Graph, input: NewConnection): MediaKind[] {
  const padsOf = (elementId: string) => {
    return allOf(house.registry.get(elementOf(graph, elementId).type), "pads");
  };
  const [source, sink] = [padsOf(input.source), padsOf(input.sink)];
  const shared = mediaKinds.filter((media) => source[media] && sink[media]);
  if (shared.length > 0) return shared;
  throw new AppError(
    "link_format_mismatch",
    `Cannot connect "${input.source}" to "${input.sink}": they have no media kind in common`,
  );
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
