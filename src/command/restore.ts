import { createLog } from "../base/mod.ts";
import type { Graph, Session } from "../graph/mod.ts";
import type { House } from "./house.ts";

const log = createLog("command");

/**
 * Brings back every pipeline the store has, under its ids and ready for its publisher, and closes the sessions that
 * died with the process before: their clients have to come again.
 */
export async function restore(house: House): Promise<void> {
  const rows = house.store.load();
  const elements = Map.groupBy(rows.elements, (row) => row.pipelineId);
  const connections = Map.groupBy(rows.connections, (row) => row.pipelineId);
  const sessions = Map.groupBy(rows.sessions, (row) => row.pipelineId);
  for (const pipeline of rows.pipelines) {
    const graph: Graph = {
      pipeline,
      elements: byId(elements.get(pipeline.id) ?? []),
      connections: byId(connections.get(pipeline.id) ?? []),
    };
    await restoreOne(house, graph, sessions.get(pipeline.id) ?? []);
  }
  if (rows.pipelines.length === 0) return;
  log.info("pipelines are back", { pipelines: rows.pipelines.length, sessionsClosed: rows.sessions.length });
}

async function restoreOne(house: House, graph: Graph, sessions: Session[]): Promise<void> {
  const unknown = [...graph.elements.values()].find((element) => !house.registry.find(element.type));
  if (unknown) {
    throw new Error(
      `Cannot bring back pipeline "${graph.pipeline.id}": its element "${unknown.name}" is a ${unknown.type}, ` +
        "which no module of this server defines; put the module back or move the data directory away",
    );
  }
  const live = bringBack(house, graph, sessions);
  if (sessions.length === 0) return;
  await house.engine.inTurn(live, (turn) => {
    for (const session of sessions) turn.endSession(session.id, "serverRestart");
  });
}

function bringBack(house: House, graph: Graph, sessions: Session[]) {
  try {
    return house.engine.restore({ graph, sessions });
  } catch (error) {
    throw new Error(
      `Cannot bring back pipeline "${graph.pipeline.id}": ${
        error instanceof Error ? error.message : error
      }; ` +
        "put the modules back that it was made with or move the data directory away",
      { cause: error },
    );
  }
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}
