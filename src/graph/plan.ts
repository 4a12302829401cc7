import { AppError } from "../base/mod.ts";
import type { Connection, Element, Graph, Pipeline, Tags, Values } from "./model.ts";
import { connect, type ConnectChange, disconnect, type DisconnectChange } from "./link.ts";

/** One wish about one pipeline. Ids and times come with it: planning is pure. */
export type Change =
  | { kind: "addElement"; element: Element }
  | { kind: "removeElement"; elementId: string }
  | { kind: "editElement"; elementId: string; name?: string; properties?: Values; tags?: Tags }
  | { kind: "editPipeline"; name?: string; properties?: Values; tags?: Tags }
  | ConnectChange
  | DisconnectChange;

/** What happened, for followers; the house gives it number and time when it is committed. */
export interface PlannedEvent {
  type: string;
  elementId: string | null;
  data: Record<string, unknown>;
}

/** What has to happen to live elements, in this order. */
export type Effect = { kind: "start"; element: Element } | { kind: "stop"; element: Element };

export interface Plan {
  graph: Graph;
  effects: Effect[];
  events: PlannedEvent[];
}

/** Plans several changes as one: each sees what those before it did; the first that cannot be fails them all. */
export function planAll(graph: Graph, changes: readonly Change[], padsOf: PadsOf): Plan {
  let plan: Plan = { graph, effects: [], events: [] };
  for (const change of changes) {
    const next = planOne(plan.graph, change, padsOf);
    plan = {
      graph: next.graph,
      effects: [...plan.effects, ...next.effects],
      events: [...plan.events, ...next.events],
    };
  }
  return plan;
}

/** Which media kinds an element of this type has pads for. */
export type PadsOf = (type: string) => ReadonlySet<string>;

function planOne(graph: Graph, change: Change, padsOf: PadsOf): Plan {
  switch (change.kind) {
    case "addElement":
      return addElement(graph, change.element);
    case "removeElement":
      return removeElement(graph, change.elementId);
    case "editElement":
      return editElement(graph, change);
    case "editPipeline":
      return editPipeline(graph, change);
    case "connect":
      return connect(graph, change, padsOf);
    case "disconnect":
      return disconnect(graph, change);
  }
}

function addElement(graph: Graph, element: Element): Plan {
  refuseTakenName(graph, element.name, element.id);
  return {
    graph: touch({ ...graph, elements: new Map([...graph.elements, [element.id, element]]) }),
    effects: [{ kind: "start", element }],
    events: [{ type: "ObjectCreated", elementId: element.id, data: { object: element.id } }],
  };
}

function removeElement(graph: Graph, elementId: string): Plan {
  const element = elementOf(graph, elementId);
  const elements = new Map(graph.elements);
  elements.delete(elementId);
  const linked = [...graph.connections.values()].filter((link) =>
    link.source === elementId || link.sink === elementId
  );
  const connections = new Map(graph.connections);
  for (const link of linked) connections.delete(link.id);
  return {
    graph: touch({ ...graph, elements, connections }),
    effects: [{ kind: "stop", element }],
    events: [
      ...linked.map((link) => disconnected(link)),
      { type: "ObjectDestroyed", elementId, data: { objectId: elementId } },
    ],
  };
}

function editElement(graph: Graph, change: Extract<Change, { kind: "editElement" }>): Plan {
  const element = elementOf(graph, change.elementId);
  if (change.name !== undefined) refuseTakenName(graph, change.name, element.id);
  const edited: Element = {
    ...element,
    name: change.name ?? element.name,
    properties: change.properties ?? element.properties,
    tags: change.tags ?? element.tags,
    version: element.version + 1,
  };
  const elements = new Map(graph.elements).set(element.id, edited);
  const { name, properties, tags } = edited;
  const events = [{ type: "ElementChanged", elementId: element.id, data: { name, properties, tags } }];
  return { graph: touch({ ...graph, elements }), effects: [], events };
}

function editPipeline(graph: Graph, change: Extract<Change, { kind: "editPipeline" }>): Plan {
  const pipeline: Pipeline = {
    ...graph.pipeline,
    name: change.name ?? graph.pipeline.name,
    properties: change.properties ?? graph.pipeline.properties,
    tags: change.tags ?? graph.pipeline.tags,
  };
  const { name, properties, tags } = pipeline;
  const events = [{ type: "PipelineChanged", elementId: null, data: { name, properties, tags } }];
  return { graph: touch({ ...graph, pipeline }), effects: [], events };
}

function refuseTakenName(graph: Graph, name: string, ownId: string): void {
  const holder = [...graph.elements.values()].find((element) =>
    element.name === name && element.id !== ownId
  );
  if (!holder) return;
  throw new AppError(
    "element_name_taken",
    `Cannot name an element "${name}": element ${holder.id} of the pipeline has this name, choose another`,
  );
}

/** The element, or `element_not_found`. */
export function elementOf(graph: Graph, elementId: string): Element {
  const element = graph.elements.get(elementId);
  if (element) return element;
  throw new AppError("element_not_found", `Cannot find element "${elementId}": no pipeline has it`);
}

/** The event that tells of a connection's end. */
export function disconnected(link: Connection): PlannedEvent {
  return { type: "ElementDisconnected", elementId: link.source, data: linkData(link) };
}

/** Payload of ElementConnected and ElementDisconnected. */
export function linkData(link: Connection): Record<string, unknown> {
  return {
    sink: link.sink,
    mediaType: link.media.toUpperCase(),
    sourceMediaDescription: link.sourceDescription,
    sinkMediaDescription: link.sinkDescription,
  };
}

/** The graph with its pipeline's version counted up. */
export function touch(graph: Graph): Graph {
  return { ...graph, pipeline: { ...graph.pipeline, version: graph.pipeline.version + 1 } };
}
