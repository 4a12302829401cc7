import type { z } from "zod";
import { AppError } from "../../base/mod.ts";
import { type Definition, fieldsOf, type Registry, type WireType, wireTypes } from "../../graph/mod.ts";
import { baseEvents, baseOf } from "./base_events.ts";
import { describeClass, describeField, ownEvents } from "./describe_class.ts";
import type { EventDescription, ModuleDescription, TypeDescription } from "./types.ts";

/** Version of Kurento's interface that is described here. */
const INTERFACE_VERSION = "7.3.0";

/** Modules of Kurento's interface; all others are somebody's own, with versions of their own. */
const interfaceModules = new Set([
  "core",
  "elements",
  "filters",
  "chroma",
  "crowddetector",
  "datachannelexample",
  "gstreamerexample",
  "markerdetector",
  "opencvexample",
  "platedetector",
  "pointerdetector",
  "videosampler",
]);

/** Every module of the registry, with the names of the types that are not abstract. */
export function describeModules(registry: Registry): { name: string; version: string; types: string[] }[] {
  const modules = Map.groupBy(registry.all(), ({ module }) => module);
  return [...modules].map(([name, definitions]) => ({
    name,
    version: versionOf(name, definitions),
    types: definitions.filter(({ abstract }) => !abstract).map(({ type }) => type),
  }));
}

/** The interface description of one module; throws module_not_found. */
export function describeModule(registry: Registry, name: string): ModuleDescription {
  const definitions = registry.all().filter(({ module }) => module === name);
  if (definitions.length === 0) {
    const known = describeModules(registry).map((module) => module.name).join(", ");
    throw new AppError("module_not_found", `Cannot describe module "${name}": this server has ${known}`);
  }
  return {
    name,
    version: versionOf(name, definitions),
    kurentoVersion: `^${INTERFACE_VERSION}`,
    imports: name === "core" ? [] : [{ name: "core", version: `^${INTERFACE_VERSION}` }],
    remoteClasses: definitions.map(describeClass),
    complexTypes: typesOf(name),
    events: eventsOf(name, definitions),
  };
}

function versionOf(name: string, definitions: Definition[]): string {
  if (interfaceModules.has(name)) return INTERFACE_VERSION;
  return definitions.find(({ moduleVersion }) => moduleVersion)?.moduleVersion ?? "0.0.0";
}

function eventsOf(name: string, definitions: Definition[]): EventDescription[] {
  const events = new Map(name === "core" ? Object.entries(baseEvents) : []);
  for (const definition of definitions) {
    for (const event of ownEvents(definition)) events.set(event, definition.events[event]);
  }
  return [...events].map(([event, schema]) => describeEvent(event, schema));
}

function describeEvent(name: string, schema: z.ZodObject): EventDescription {
  const base = baseOf(name);
  return {
    name,
    ...(base && { extends: base }),
    doc: schema.description ?? "",
    properties: fieldsOf(schema).map(describeField),
  };
}

/** By name: the order in which types were named depends on which file was loaded first. */
function typesOf(module: string): TypeDescription[] {
  const own = wireTypes().filter(({ type }) => type.module === module);
  return own.map(describeType).sort((one, other) => one.name < other.name ? -1 : 1);
}

function describeType({ type, schema }: { type: WireType; schema: z.ZodType }): TypeDescription {
  const head = { name: type.name, doc: schema.description ?? "" };
  if (type.kind === "enum") {
    return { typeFormat: "ENUM", ...head, values: [...(schema as z.ZodEnum).options].map(String) };
  }
  const inherited = new Set(type.extends ? fieldNamesOf(type) : []);
  const own = fieldsOf(schema as z.ZodObject).filter(({ name }) => !inherited.has(name));
  return {
    typeFormat: "REGISTER",
    ...head,
    ...(type.extends && { extends: type.extends }),
    properties: own.map(describeField),
  };
}

/** Fields of the type that `type` extends, which is one of its own module or of the core. */
function fieldNamesOf({ module, extends: base }: WireType): string[] {
  const found =
    [module, "core"].flatMap((home) =>
      wireTypes().filter(({ type }) => type.module === home && type.name === base)
    )[0];
  return found ? Object.keys((found.schema as z.ZodObject).shape) : [];
}
