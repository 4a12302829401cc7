import { AppError, createLog, newId } from "../base/mod.ts";
import type { LivePipeline, Turn } from "../engine/mod.ts";
import { type Element, elementOf, type Session } from "../graph/mod.ts";
import { newConnections } from "./connect.ts";
import { refuseOverfull } from "./create_element.ts";
import { newPipeline, requirePipelineRoom } from "./create_pipeline.ts";
import { newElement } from "./element_input.ts";
import type { House } from "./house.ts";
import { endUnanswered } from "./session.ts";
import {
  notLive,
  outputOf,
  publisherName,
  publisherOf,
  requireLive,
  streamPipeline,
  takesSessions,
} from "./stream.ts";
import type { OpenedSession, SessionRequest } from "./types.ts";
import { sessionView } from "./views.ts";

const log = createLog("command");

/** Starts a WHIP or WHEP session at a stream or at an element; all of it succeeds or nothing is left. */
export async function openSession(house: House, request: SessionRequest): Promise<OpenedSession> {
  requireSessionRoom(house);
  const opened = await openAt(house, request);
  if (request.offer === null) awaitAnswer(house, opened.session.id);
  return opened;
}

async function openAt(house: House, request: SessionRequest): Promise<OpenedSession> {
  const { place } = request;
  if ("elementId" in place) {
    const pipeline = house.engine.homeOf(place.elementId, "element_not_found");
    return await house.engine.inTurn(pipeline, (turn) => {
      const element = elementOf(turn.graph, place.elementId);
      return request.kind === "whip"
        ? publishAt(house, turn, element, request)
        : watchAt(house, turn, element, request);
    });
  }
  return request.kind === "whip"
    ? await publishStream(house, place.stream, request)
    : await watchStream(house, place.stream, request);
}

async function publishStream(house: House, stream: string, request: SessionRequest): Promise<OpenedSession> {
  const pipeline = streamPipeline(house, stream);
  const publish = (turn: Turn) => {
    const element = publisherOf(house, turn.graph) ?? addPublisher(house, turn);
    return publishAt(house, turn, element, request);
  };
  if (!pipeline) {
    requirePipelineRoom(house);
    return await house.engine.create(newPipeline(house, { name: stream }, "stream"), publish);
  }
  try {
    return await house.engine.inTurn(pipeline, publish);
  } catch (error) {
    if (!isGone(error)) throw error;
    return await publishStream(house, stream, request);
  }
}

/** The pipeline ended while the request waited for its turn: released, or its creator failed. */
function isGone(error: unknown): boolean {
  return error instanceof AppError && error.code === "pipeline_not_found";
}

async function watchStream(house: House, stream: string, request: SessionRequest): Promise<OpenedSession> {
  const pipeline = streamPipeline(house, stream);
  if (!pipeline) throw notLive(stream);
  const watch = (turn: Turn) => {
    const output = outputOf(house, turn.graph);
    if (!output) throw notLive(stream);
    requireLive(pipeline, output, stream);
    return watchAt(house, turn, output, request);
  };
  return await house.engine.inTurn(pipeline, watch).catch((error) => {
    throw isGone(error) ? notLive(stream) : error;
  });
}

/** A publisher at an element: the element itself when it is an endpoint, else a new endpoint that feeds it. */
function publishAt(house: House, turn: Turn, element: Element, request: SessionRequest): OpenedSession {
  refuseBorrowed(element);
  if (takesSessions(house, element)) return start(house, turn, element, newId(), request);
  const sessionId = newId();
  const publisher = addEndpoint(house, turn, sessionId);
  joinMedia(house, turn, publisher.id, element.id);
  return start(house, turn, publisher, sessionId, request);
}

/** A viewer of an element: a new endpoint, fed by it, that ends with the session. */
function watchAt(house: House, turn: Turn, element: Element, request: SessionRequest): OpenedSession {
  refuseBorrowed(element);
  const sessionId = newId();
  const viewer = addEndpoint(house, turn, sessionId);
  joinMedia(house, turn, element.id, viewer.id);
  return start(house, turn, viewer, sessionId, request);
}

/** WHIP and WHEP carry audio and video, and no messages. */
function joinMedia(house: House, turn: Turn, source: string, sink: string): void {
  const all = newConnections(house, turn.graph, { source, sink });
  turn.change(...all.filter(({ connection }) => connection.media !== "data"));
}

/** An element that a session brought along ends with that session, so no other can build on it. */
function refuseBorrowed(element: Element): void {
  if (element.sessionId === null) return;
  throw new AppError(
    "endpoint_negotiated",
    `Cannot start a session at element "${element.id}": it belongs to session "${element.sessionId}" and ends with ` +
      "it, use an element of its own",
  );
}

function addPublisher(house: House, turn: Turn): Element {
  refuseOverfull(house, turn.graph.elements.size);
  const element = newElement(house.registry, { type: "WebRtcEndpoint", name: publisherName }, {
    pipelineId: turn.graph.pipeline.id,
    nowMs: house.clock.now(),
    at: "",
  });
  turn.change({ kind: "addElement", element });
  return element;
}

function addEndpoint(house: House, turn: Turn, sessionId: string): Element {
  refuseOverfull(house, turn.graph.elements.size);
  const element = newElement(house.registry, { type: "WebRtcEndpoint" }, {
    pipelineId: turn.graph.pipeline.id,
    nowMs: house.clock.now(),
    at: "",
    sessionId,
  });
  turn.change({ kind: "addElement", element });
  return element;
}

function start(
  house: House,
  turn: Turn,
  element: Element,
  sessionId: string,
  request: SessionRequest,
): OpenedSession {
  const handler = turn.live(element.id).instance.session;
  if (!handler) {
    throw new AppError(
      "operation_not_supported",
      `Cannot start a session at element "${element.id}": a ${element.type} takes none, use a WebRtcEndpoint`,
    );
  }
  const { result, actions } = handler.open({ sessionId, kind: request.kind, offer: request.offer });
  turn.perform(element.id, actions ?? []);
  const session = newSession(house, turn.pipeline, element, sessionId, request);
  turn.putSession(session);
  return { session: sessionView(turn.pipeline, session), description: result.description };
}

/** A client that never answers our offer must not hold its session for ever: ICE has not begun, so nothing else ends it. */
function awaitAnswer(house: House, sessionId: string): void {
  house.clock.after(house.settings.counterOfferMs, () => {
    endUnanswered(house, sessionId).catch((error) => {
      log.debug("a session that owed an answer was over already", { session: sessionId, error });
    });
  });
}

function newSession(
  house: House,
  pipeline: LivePipeline,
  element: Element,
  sessionId: string,
  request: SessionRequest,
): Session {
  return {
    id: sessionId,
    kind: request.kind,
    pipelineId: pipeline.graph.pipeline.id,
    elementId: element.id,
    stream: "stream" in request.place ? request.place.stream : null,
    state: request.offer === null ? "counterOffered" : "connecting",
    remoteAddress: request.remoteAddress,
    userAgent: request.userAgent,
    createdAtMs: house.clock.now(),
  };
}

function requireSessionRoom(house: House): void {
  let sessions = 0;
  for (const pipeline of house.engine.pipelines()) sessions += pipeline.sessions.size;
  if (sessions < house.settings.maxSessions) return;
  throw new AppError(
    "unavailable",
    `Cannot start a session: this server carries ${sessions} already, try another server or raise KASKADO_MAX_SESSIONS`,
    { retryAfterSeconds: 10 },
  );
}
