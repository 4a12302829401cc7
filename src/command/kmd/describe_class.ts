import { z } from "zod";
import {
  type Definition,
  fieldsOf,
  type OperationSpec,
  placeOf,
  type PropertySpec,
  type WireField,
  wireNameOf,
} from "../../graph/mod.ts";
import type { ClassDescription, FieldDescription, MethodDescription, PropertyDescription } from "./types.ts";

/** One type as interface descriptions tell it: its own members only, and only those that Kurento's interface has. */
export function describeClass(definition: Definition): ClassDescription {
  return {
    name: definition.type,
    ...(definition.extends && { extends: definition.extends.type }),
    ...(definition.abstract && { abstract: true as const }),
    doc: definition.summary,
    ...(!definition.abstract && { constructor: constructorOf(definition) }),
    properties: membersOf(definition.properties).map(([name, spec]) => describeProperty(name, spec)),
    methods: membersOf(definition.operations).map(([name, spec]) => describeMethod(name, spec)),
    events: ownEvents(definition),
  };
}

/** Names of the events that a type itself adds to Kurento's interface. */
export function ownEvents(definition: Definition): string[] {
  return Object.keys(definition.events).filter((name) => !definition.events[name].meta()?.["x-extension"]);
}

/** A field or parameter as interface descriptions tell it. */
export function describeField(field: WireField): FieldDescription {
  return {
    name: field.name,
    type: field.type,
    doc: field.summary,
    ...(field.optional && { optional: true as const }),
    ...("defaultValue" in field && { defaultValue: field.defaultValue }),
  };
}

function membersOf<Member extends PropertySpec | OperationSpec>(
  members: Readonly<Record<string, Member>>,
): [string, Member][] {
  return Object.entries(members).filter(([, member]) => !member.extension);
}

/** The pipeline comes first, except where a hub tells it, or where the object is the pipeline. */
function constructorOf(definition: Definition): ClassDescription["constructor"] {
  const shape = definition.options.shape;
  const params = fieldsOf(definition.options).filter(({ name }) => !shape[name].meta()?.["x-extension"])
    .map(describeField);
  const standsAlone = placeOf(definition) !== "element" && placeOf(definition) !== "hub";
  if (!standsAlone && !params.some(({ type }) => type === "Hub")) params.unshift(mediaPipeline);
  return { params, doc: `Makes a ${definition.type}` };
}

const mediaPipeline: FieldDescription = {
  name: "mediaPipeline",
  type: "MediaPipeline",
  doc: "The pipeline it belongs to",
};

function describeProperty(name: string, spec: PropertySpec): PropertyDescription {
  return {
    name,
    type: wireNameOf(spec.schema),
    doc: spec.summary,
    ...(spec.access === "final" && { final: true as const }),
    ...(spec.access === "readOnly" && { readOnly: true as const }),
  };
}

function describeMethod(name: string, spec: OperationSpec): MethodDescription {
  return {
    name,
    doc: spec.summary,
    params: fieldsOf(spec.input).map(describeField),
    ...(!(spec.output instanceof z.ZodNull) && { return: { type: wireNameOf(spec.output), doc: "" } }),
  };
}
