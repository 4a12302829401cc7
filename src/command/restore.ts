import { createLog } from "../base/mod.ts";
import type { NewEvent } from "../event/mod.ts";
import { type Element, eventTags, type Graph, type Pipeline, type Session } from "../graph/mod.ts";
import type { House } from "./house.ts";

const log = createLog("command");

/**
 * Brings back every pipeline the store has, under its ids and ready for its publisher, and closes the sessions that
 * died with the process before: their clients have to come again. Pipelines of Kurento's protocol ended with the
 * sessions that held them.
 */
export async function restore(house: House): Promise<void> {
  markInterrupted(house);
  const rows = house.store.load();
  const elements = Map.groupBy(rows.elements, (row) => row.pipelineId);
  const connections = Map.groupBy(rows.connections, (row) => row.pipelineId);
  const sessions = Map.groupBy(rows.sessions, (row) => row.pipelineId);
  const [lost, kept] = [rows.pipelines.filter(isLost), rows.pipelines.filter((each) => !isLost(each))];
  for (const pipeline of kept) {
    const graph: Graph = {
      pipeline,
      elements: byId(elements.get(pipeline.id) ?? []),
      connections: byId(connections.get(pipeline.id) ?? []),
    };
    await restoreOne(house, graph, sessions.get(pipeline.id) ?? []);
  }
  if (kept.length > 0) {
    log.info("pipelines are back", { pipelines: kept.length, sessionsClosed: rows.sessions.length });
  }
  if (lost.length === 0) return;
  const ends = lost.map((pipeline) =>
    endsOf(house, pipeline, elements.get(pipeline.id) ?? [], sessions.get(pipeline.id) ?? [])
  );
  const removePipelines = lost.map(({ id }) => id);
  house.bus.publish(house.store.commit({ removePipelines, events: ends.flat() }));
  log.info("pipelines of Kurento's protocol ended with the server", { pipelines: lost.length });
}

/** What was being recorded when the process before ended was not closed in good order. */
function markInterrupted({ store }: House): void {
  const open = store.recordings().filter(({ state }) => state === "recording");
  if (open.length === 0) return;
  store.commit({ putRecordings: open.map((row) => ({ ...row, state: "interrupted" })) });
}

function isLost({ origin }: Pipeline): boolean {
  return origin === "kurento";
}

/** What followers are told of a pipeline that does not come back: the end of all that was in it. */
function endsOf(house: House, pipeline: Pipeline, elements: Element[], sessions: Session[]): NewEvent[] {
  const event = (type: string, owner: Element | Pipeline, data: NewEvent["data"]): NewEvent => ({
    type,
    timeMs: house.clock.now(),
    pipelineId: pipeline.id,
    elementId: owner === pipeline ? null : owner.id,
    sessionId: "sessionId" in owner ? owner.sessionId : null,
    tags: eventTags(owner),
    data,
  });
  const ofSessions = sessions.flatMap(({ id: sessionId, kind, stream, elementId }) => {
    const element = elements.find(({ id }) => id === elementId);
    const data = { sessionId, kind, stream, reason: "serverRestart" };
    return element ? [{ ...event("SessionEnded", element, data), sessionId }] : [];
  });
  const ofObjects = [...elements, pipeline].map((owner) =>
    event("ObjectDestroyed", owner, { objectId: owner.id })
  );
  return [...ofSessions, ...ofObjects];
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
