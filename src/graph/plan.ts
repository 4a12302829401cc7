import { AppError } from "../base/mod.ts";
import { Draft } from "./draft.ts";
import { connect, type ConnectChange, disconnect, type DisconnectChange, disconnected } from "./link.ts";
import { type Element, elementOf, type Graph, mayShareNames, type Tags, type Values } from "./model.ts";
import type { PadsOf, Plan } from "./planned.ts";

/** One wish about one pipeline. Ids and times come with it: planning is pure. */
export type Change =
  | { kind: "addElement"; element: Element }
  | { kind: "removeElement"; elementId: string }
  | { kind: "editElement"; elementId: string; name?: string; properties?: Values; tags?: Tags }
  /** What the element itself wants remembered: no client sees it, so it is no event and no new version. */
  | { kind: "keep"; elementId: string; kept: Values }
  | { kind: "editPipeline"; name?: string; properties?: Values; tags?: Tags }
  | ConnectChange
  | DisconnectChange;

/** Plans several changes as one: each sees what those before it did; the first that cannot be fails them all. */
export function planAll(graph: Graph, changes: readonly Change[], padsOf: PadsOf): Plan {
  const draft = new Draft(graph);
  for (const change of changes) planOne(draft, change, padsOf);
  return draft.plan();
}

function planOne(draft: Draft, change: Change, padsOf: PadsOf): void {
  switch (change.kind) {
    case "addElement":
      return addElement(draft, change.element);
    case "removeElement":
      return removeElement(draft, change.elementId);
    case "editElement":
      return editElement(draft, change);
    case "keep":
      return draft.putElement({ ...elementOf(draft, change.elementId), kept: change.kept });
    case "editPipeline":
      return editPipeline(draft, change);
    case "connect":
      return connect(draft, change, padsOf);
    case "disconnect":
      return disconnect(draft, change);
  }
}

function addElement(draft: Draft, element: Element): void {
  refuseTakenName(draft, element.name, element.id);
  if (element.parentId !== null) elementOf(draft, element.parentId);
  draft.putElement(element);
  draft.touch();
  draft.effects.push({ kind: "start", element });
  draft.events.push({ type: "ObjectCreated", elementId: element.id, data: { object: element.id } });
}

/** Removes an element with its connections, and a hub with its ports. */
function removeElement(draft: Draft, elementId: string): void {
  const element = elementOf(draft, elementId);
  for (const portId of draft.portsOf(elementId)) removeElement(draft, portId);
  draft.dropElement(element);
  for (const link of draft.linksOf(elementId)) {
    draft.dropConnection(link);
    draft.events.push(disconnected(link));
  }
  draft.touch();
  draft.effects.push({ kind: "stop", element });
  draft.events.push({ type: "ObjectDestroyed", elementId, data: { objectId: elementId } });
}

function editElement(draft: Draft, change: Extract<Change, { kind: "editElement" }>): void {
  const element = elementOf(draft, change.elementId);
  const { name = element.name, properties = element.properties, tags = element.tags } = change;
  refuseTakenName(draft, name, element.id);
  draft.putElement({ ...element, name, properties, tags, version: element.version + 1 });
  draft.touch();
  draft.events.push({ type: "ElementChanged", elementId: element.id, data: { name, properties, tags } });
}

function editPipeline(draft: Draft, change: Extract<Change, { kind: "editPipeline" }>): void {
  const { pipeline } = draft;
  const { name = pipeline.name, properties = pipeline.properties, tags = pipeline.tags } = change;
  draft.touch({ name, properties, tags });
  draft.events.push({ type: "PipelineChanged", elementId: null, data: { name, properties, tags } });
}

function refuseTakenName(draft: Draft, name: string, ownId: string): void {
  if (mayShareNames(draft.pipeline)) return;
  const holder = draft.idNamed(name);
  if (holder === undefined || holder === ownId) return;
  throw new AppError(
    "element_name_taken",
    `Cannot name an element "${name}": element ${holder} of the pipeline has this name, choose another`,
  );
}
