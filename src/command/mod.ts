import { EventCursor } from "../event/mod.ts";
import { drawDot, drawSvg } from "../graph/mod.ts";
import { connect } from "./connect.ts";
import { createElement } from "./create_element.ts";
import { createPipeline } from "./create_pipeline.ts";
import { describeServer } from "./describe_server.ts";
import { disconnect, removeConnection } from "./disconnect.ts";
import { editElement } from "./edit_element.ts";
import { editPipeline } from "./edit_pipeline.ts";
import type { House } from "./house.ts";
import { invoke } from "./invoke.ts";
import { describeModule, describeModules } from "./kmd/describe_module.ts";
import {
  getConnection,
  getElement,
  getSession,
  listConnections,
  listElements,
  listPipelines,
  listSessions,
} from "./list.ts";
import { describeObject, pipelineIds } from "./object/found.ts";
import { getProperty, setProperty } from "./object/properties.ts";
import { editServer, serverObject } from "./object/server_object.ts";
import { openSession } from "./open_session.ts";
import { releaseElement, releasePipeline } from "./release.ts";
import { postBody } from "./post_body.ts";
import { reviewElement, reviewPipeline } from "./review.ts";
import { deleteRecording, getRecording, listRecordings, recordingFile } from "./recordings.ts";
import { answerSession, closeSession, patchSession } from "./session.ts";
import { elementStats, pipelineStats } from "./stats.ts";
import type { Commands } from "./types.ts";
import { pipelineView } from "./views.ts";

export type { CommandSettings, House } from "./house.ts";
export { describeModule, describeModules } from "./kmd/describe_module.ts";
export type * from "./kmd/types.ts";
export { houseEvents } from "./house_events.ts";
export { PipelineProperties } from "./pipeline_properties.ts";
export { restore } from "./restore.ts";
export { settleAll } from "./settle.ts";
export { endAllSessions } from "./shutdown.ts";
export { sweep } from "./sweep.ts";
export type * from "./types.ts";
export { serverObjectId } from "./types.ts";

/** Every verb of the server over one house. */
export function createCommands(house: House): Commands {
  return {
    registry: house.registry,
    idempotency: house.store.idempotency,
    describeServer: () => describeServer(house),
    serverObject: () => serverObject(house),
    editServer: (edit) => void editServer(house, edit),
    describeModules: () => describeModules(house.registry),
    moduleDescription: (name) => describeModule(house.registry, name),
    createPipeline: (input) => createPipeline(house, input),
    reviewPipeline: (body) => reviewPipeline(house.registry, body),
    listPipelines: (query) => listPipelines(house, query),
    getPipeline: (pipelineId) => pipelineView(house.engine.pipeline(pipelineId)),
    editPipeline: (...input) => editPipeline(house, ...input),
    releasePipeline: (...input) => releasePipeline(house, ...input),
    drawPipeline: (pipelineId, format) =>
      (format === "dot" ? drawDot : drawSvg)(house.engine.pipeline(pipelineId).graph),
    pipelineStats: (pipelineId) => pipelineStats(house, pipelineId),
    createElement: (...input) => createElement(house, ...input),
    reviewElement: (body) => reviewElement(house.registry, body),
    listElements: (query) => listElements(house, query),
    getElement: (elementId) => getElement(house, elementId),
    editElement: (...input) => editElement(house, ...input),
    releaseElement: (...input) => releaseElement(house, ...input),
    invoke: (...input) => invoke(house, ...input),
    describeObject: (objectId) => describeObject(house, objectId),
    getProperty: (...input) => getProperty(house, ...input),
    setProperty: (...input) => setProperty(house, ...input),
    pipelineIds: () => pipelineIds(house),
    elementStats: (elementId) => elementStats(house, elementId),
    connect: (input) => connect(house, input),
    listConnections: (...input) => listConnections(house, ...input),
    getConnection: (connectionId) => getConnection(house, connectionId),
    removeConnection: (connectionId) => removeConnection(house, connectionId),
    disconnect: (input) => disconnect(house, input),
    openSession: (request) => openSession(house, request),
    listSessions: (query) => listSessions(house, query),
    getSession: (sessionId) => getSession(house, sessionId),
    answerSession: (...input) => answerSession(house, ...input),
    patchSession: (...input) => patchSession(house, ...input),
    closeSession: (sessionId) => closeSession(house, sessionId),
    postBody: (...input) => postBody(house, ...input),
    listRecordings: (query) => listRecordings(house, query),
    getRecording: (name) => getRecording(house, name),
    recordingFile: (...input) => recordingFile(house, ...input),
    deleteRecording: (name) => deleteRecording(house, name),
    openCursor: (filter, after) =>
      new EventCursor(house.store.events, house.bus, filter, after ?? house.store.events.newest()),
    onEvents: (listener) => house.bus.subscribe(listener),
  };
}
