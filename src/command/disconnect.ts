import type { House } from "./house.ts";
import type { NewConnection } from "./types.ts";

/** Ends the connections from source to sink that fit; none at all is no error. */
export async function disconnect(house: House, input: NewConnection): Promise<void> {
  const pipeline = house.engine.homeOf(input.source, "element_not_found");
  house.engine.homeOf(input.sink, "element_not_found");
  await house.engine.inTurn(pipeline, (turn) => turn.change({ kind: "disconnect", ...input }));
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
