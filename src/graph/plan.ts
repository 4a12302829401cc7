import { AppError } from "../base/mod.ts";
import { connect, type ConnectChange, disconnect, type DisconnectChange, disconnected } from "./link.ts";
import {
  type Element,
  elementOf,
  type Graph,
  type Pipeline,
  type Tags,
  touch,
  type Values,
} from "./model.ts";
import type { PadsOf, Plan } from "./planned.ts";

/** One wish about one pipeline. Ids and times come with it: planning is pure. */
export type Change =
  | { kind: "addElement"; element: Element }
  | { kind: "removeElement"; elementId: string }
  | { kind: "editElement"; elementId: string; name?: string; properties?: Values; tags?: Tags }
  | { kind: "editPipeline"; name?: string; properties?: Values; tags?: Tags }
  | ConnectChange
  | DisconnectChange;

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
