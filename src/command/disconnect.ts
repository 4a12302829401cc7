import { type Connection, disconnected, type Graph, requirePads } from "../graph/mod.ts";
import { commonPipeline, wantedConnections } from "./connect.ts";
import type { House } from "./house.ts";
import type { NewConnection } from "./types.ts";

/** Ends the connections from source to sink that fit; none at all is no error. */
export async function disconnect(house: House, input: NewConnection): Promise<void> {
  const pipeline = house.engine.homeOf(input.source, "element_not_found");
  house.engine.homeOf(input.sink, "element_not_found");
  await house.engine.inTurn(pipeline, (turn) => turn.change({ kind: "disconnect", ...input }));
}

/**
 * Ends what connects these pads. Followers hear an ElementDisconnected per kind, also where nothing connected them:
 * Kurento's clients wait for it. A pad that is not there is refused with pad_not_found.
 */
export async function disconnectPads(house: House, input: NewConnection): Promise<void> {
  const pipeline = commonPipeline(house, input, "disconnect");
  await house.engine.inTurn(pipeline, (turn) => {
    for (const wanted of wantedConnections(house, turn.graph, input)) {
      requirePads(turn.graph, wanted, pipeline.padsOf);
      const { source, sink, media, sourceDescription, sinkDescription } = wanted;
      if (!isThere(turn.graph, wanted)) turn.record(disconnected(wanted));
      else turn.change({ kind: "disconnect", source, sink, media, sourceDescription, sinkDescription });
    }
  });
}

/** Ends one connection by its id. */
export async function removeConnection(house: House, connectionId: string): Promise<void> {
  const pipeline = house.engine.homeOf(connectionId, "connection_not_found");
  await house.engine.inTurn(pipeline, (turn) => {
    const link = turn.graph.connections.get(connectionId);
    if (!link) return;
    const { source, sink, media, sourceDescription, sinkDescription } = link;
    turn.change({ kind: "disconnect", source, sink, media, sourceDescription, sinkDescription });
  });
}

function isThere(graph: Graph, wanted: Connection): boolean {
  return [...graph.connections.values()].some((link) =>
    link.source === wanted.source && link.sink === wanted.sink && link.media === wanted.media &&
    link.sourceDescription === wanted.sourceDescription && link.sinkDescription === wanted.sinkDescription
  );
}
