import { AppError } from "../../base/mod.ts";
import type { LivePipeline } from "../../engine/mod.ts";
import { type Definition, type Element, elementOf, type MediaKind, placeOf } from "../../graph/mod.ts";
import type { House } from "../house.ts";
import { type ObjectView, serverObjectId } from "../types.ts";

export interface FoundServer {
  place: "server";
  id: string;
  definition: Definition;
}

export interface FoundPipeline {
  place: "pipeline";
  id: string;
  definition: Definition;
  pipeline: LivePipeline;
}

/** A media element or a hub. */
export interface FoundElement {
  place: "element";
  id: string;
  definition: Definition;
  pipeline: LivePipeline;
  element: Element;
}

export type FoundObject = FoundServer | FoundPipeline | FoundElement;

/** The object of this id, whatever its place; element_not_found for an id that nobody has. */
export function findObject(house: House, objectId: string): FoundObject {
  const id = objectId;
  if (id === serverObjectId) return { place: "server", id, definition: house.registry.get("ServerManager") };
  const own = house.engine.find(id);
  if (own) return { place: "pipeline", id, definition: house.registry.get("MediaPipeline"), pipeline: own };
  const pipeline = house.engine.homeOf(id, "element_not_found");
  const element = elementOf(pipeline.graph, id);
  return { place: "element", id, definition: house.registry.get(element.type), pipeline, element };
}

/** What the object is and where it stands. */
export function describeObject(house: House, objectId: string): ObjectView {
  const object = findObject(house, objectId);
  const { id, definition } = object;
  const pipelineId = object.place === "server" ? null : object.pipeline.graph.pipeline.id;
  return {
    id,
    definition,
    parentId: object.place === "element" ? object.element.parentId ?? pipelineId : null,
    pipelineId,
    // Few ask for them, and there may be thousands.
    get childIds() {
      return childIdsOf(house, object);
    },
  };
}

/** Every live pipeline in order of creation. */
export function pipelineIds(house: House): string[] {
  return [...house.engine.pipelines()].map(({ graph }) => graph.pipeline.id);
}

/** Throws object_kind_mismatch unless objects of this type have pads: hubs and pipelines do not. */
export function requireMediaElement(definition: Definition, objectId: string, task: string): void {
  if (placeOf(definition) === "element") return;
  throw new AppError(
    "object_kind_mismatch",
    `Cannot ${task}: "${objectId}" is a ${definition.type}, which has no pads; name a media element`,
  );
}

/** The kind of media that a type name of the wire stands for. */
export function mediaKindOf<Name extends string>(mediaType: Name): Lowercase<Name> & MediaKind {
  return mediaType.toLowerCase() as Lowercase<Name> & MediaKind;
}

function childIdsOf(house: House, object: FoundObject): string[] {
  if (object.place === "server") return pipelineIds(house);
  const parentId = object.place === "pipeline" ? null : object.id;
  return [...object.pipeline.graph.elements.values()]
    .filter((element) => element.parentId === parentId)
    .map(({ id }) => id);
}
