import { AppError } from "../base/mod.ts";
import { elementOf } from "../graph/mod.ts";
import type { House } from "./house.ts";
import { pageOf } from "./page.ts";
import type { Commands, ConnectionView, ElementView, Page, PipelineSummary, SessionView } from "./types.ts";
import { connectionView, elementView, pipelineSummary, sessionView } from "./views.ts";

export function listPipelines(
  house: House,
  query: Parameters<Commands["listPipelines"]>[0],
): Page<PipelineSummary> {
  const found = [...house.engine.pipelines()].filter(({ graph: { pipeline } }) =>
    (query.name === undefined || pipeline.name === query.name) &&
    (query.tag === undefined || pipeline.tags[query.tag.key] === query.tag.value)
  );
  return pageOf(
    found.map((live) => ({ ...live.graph.pipeline, live })),
    query,
    ({ live }) => pipelineSummary(live),
  );
}

export function listElements(
  house: House,
  query: Parameters<Commands["listElements"]>[0],
): Page<ElementView> {
  const homes = query.pipelineId === undefined
    ? [...house.engine.pipelines()]
    : [house.engine.pipeline(query.pipelineId)];
  const found = homes.flatMap((live) =>
    [...live.graph.elements.values()]
      .filter((element) => query.type === undefined || element.type === query.type)
      .map((element) => ({ id: element.id, createdAtMs: element.createdAtMs, live, element }))
  );
  return pageOf(found, query, ({ live, element }) => elementView(live, element));
}

export function listSessions(
  house: House,
  query: Parameters<Commands["listSessions"]>[0],
): Page<SessionView> {
  const found = [...house.engine.pipelines()].flatMap((live) =>
    [...live.sessions.values()]
      .filter((session) =>
        (query.kind === undefined || session.kind === query.kind) &&
        (query.pipelineId === undefined || session.pipelineId === query.pipelineId) &&
        (query.stream === undefined || session.stream === query.stream)
      )
      .map((session) => ({ id: session.id, createdAtMs: session.createdAtMs, live, session }))
  );
  return pageOf(found, query, ({ live, session }) => sessionView(live, session));
}

export function listConnections(
  house: House,
  elementId: string,
  direction?: "incoming" | "outgoing",
): ConnectionView[] {
  const { graph } = house.engine.homeOf(elementId, "element_not_found");
  elementOf(graph, elementId);
  return [...graph.connections.values()]
    .filter((link) =>
      (direction !== "incoming" && link.source === elementId) ||
      (direction !== "outgoing" && link.sink === elementId)
    )
    .map(connectionView);
}

export function getElement(house: House, elementId: string): ElementView {
  const live = house.engine.homeOf(elementId, "element_not_found");
  return elementView(live, elementOf(live.graph, elementId));
}

export function getConnection(house: House, connectionId: string): ConnectionView {
  const { graph } = house.engine.homeOf(connectionId, "connection_not_found");
  const link = graph.connections.get(connectionId);
  if (link) return connectionView(link);
  throw new AppError("connection_not_found", `Cannot find connection "${connectionId}": it is gone`);
}

export function getSession(house: House, sessionId: string): SessionView {
  const live = house.engine.homeOf(sessionId, "session_not_found");
  const session = live.sessions.get(sessionId);
  if (session) return sessionView(live, session);
  throw new AppError("session_not_found", `Cannot find session "${sessionId}": it is over`);
}
