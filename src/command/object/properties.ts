import { AppError } from "../../base/mod.ts";
import type { LivePipeline } from "../../engine/mod.ts";
import { allOf, type PropertySpec } from "../../graph/mod.ts";
import { checked } from "../check.ts";
import { editElement } from "../edit_element.ts";
import { editPipeline } from "../edit_pipeline.ts";
import type { House } from "../house.ts";
import { propertyOf } from "../views.ts";
import { describeObject, findObject, type FoundObject, pipelineIds } from "./found.ts";
import { serverInfo } from "./server_info.ts";
import { editServer, serverObject } from "./server_object.ts";

/** Value of a property as it is now: a field of MediaObject, what a client set, or what the element computes. */
export function getProperty(house: House, objectId: string, name: string): unknown {
  const object = findObject(house, objectId);
  const spec = specOf(object, name);
  if (spec.field) return fields[name](house, object);
  if (object.place === "server") return serverProperty(house, name, spec);
  if (object.place === "pipeline") return pipelineProperty(object.pipeline, name, spec);
  return propertyOf(object.pipeline, object.element, name, spec) ?? null;
}

/** Sets a property as a PATCH at the REST door would. */
export async function setProperty(
  house: House,
  objectId: string,
  name: string,
  value: unknown,
): Promise<void> {
  const object = findObject(house, objectId);
  const spec = specOf(object, name);
  if (spec.access !== "readWrite") {
    throw new AppError(
      "property_read_only",
      `Cannot set "${name}" of "${objectId}": it is the server's to change, leave it as it is`,
    );
  }
  // Fields of MediaObject stand beside the properties in an edit; "name" is the only one that clients set.
  const edit = spec.field
    ? { [name]: checked(spec.schema, value, `/${name}`, `set "${name}"`) }
    : { properties: { [name]: value } };
  if (object.place === "server") editServer(house, edit);
  else if (object.place === "pipeline") await editPipeline(house, objectId, edit);
  else await editElement(house, objectId, edit);
}

type FieldReader = (house: House, object: FoundObject) => unknown;

/** The properties of MediaObject that follow from what an object is and where it stands. */
const fields: Readonly<Record<string, FieldReader>> = {
  id: (_house, { id }) => id,
  name: (house, object) => object.place === "server" ? serverObject(house).name : rowOf(object).name,
  mediaPipeline: (house, { id }) => describeObject(house, id).pipelineId,
  parent: (house, { id }) => describeObject(house, id).parentId,
  children: (house, { id }) => describeObject(house, id).childIds,
  creationTime: (house, object) =>
    Math.floor((object.place === "server" ? house.settings.startedAtMs : rowOf(object).createdAtMs) / 1000),
};

function rowOf(object: Exclude<FoundObject, { place: "server" }>): { name: string; createdAtMs: number } {
  return object.place === "pipeline" ? object.pipeline.graph.pipeline : object.element;
}

function pipelineProperty({ graph }: LivePipeline, name: string, spec: PropertySpec): unknown {
  const { properties } = graph.pipeline;
  return Object.hasOwn(properties, name) ? properties[name] : spec.default;
}

function serverProperty(house: House, name: string, spec: PropertySpec): unknown {
  if (name === "pipelines") return pipelineIds(house);
  if (name === "info") return serverInfo(house);
  if (name === "metadata") return house.settings.metadata;
  if (spec.access === "readWrite") {
    const { properties } = serverObject(house);
    return Object.hasOwn(properties, name) ? properties[name] : spec.default;
  }
  throw new AppError(
    "operation_not_supported",
    `Cannot read "${name}" of the server here: only the door that keeps sessions of Kurento's protocol knows it`,
  );
}

function specOf({ definition, id }: FoundObject, name: string): PropertySpec {
  const known = allOf(definition, "properties");
  if (Object.hasOwn(known, name)) return known[name];
  throw new AppError(
    "property_not_found",
    `Cannot find property "${name}" of "${id}": a ${definition.type} has ${Object.keys(known).join(", ")}`,
  );
}
