import type { z } from "zod";
import type { MediaKind } from "./model.ts";

/** How packets get from an element's sink pad to its source pad. */
export type PadRole =
  /** The element ends media here: what enters the sink leaves the server, what leaves the source came from outside. */
  | "endpoint"
  /** What enters the sink leaves by the source, untouched. */
  | "through"
  /** The element belongs to a hub: what leaves by the source is what the hub's routes say. */
  | "port";

export interface OperationSpec {
  readonly summary: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  /** Not part of Kurento's interface: left out of interface descriptions. */
  readonly extension?: true;
}

export interface PropertySpec {
  readonly summary: string;
  readonly schema: z.ZodType;
  /** "final": given at creation or by the server; "readOnly": the server's to change; "readWrite": the client's too. */
  readonly access: "final" | "readOnly" | "readWrite";
  /** Value before anybody set it; readWrite properties only. */
  readonly default?: unknown;
  /** Not part of Kurento's interface: left out of interface descriptions. */
  readonly extension?: true;
  /** The house itself answers it for any object; REST shows it as a field of the resource, not among its properties. */
  readonly field?: true;
}

/** Everything the house knows about a type; the doors, the documents and the tests derive from this value. */
export interface Definition<Create = unknown> {
  /** Name on the wire, upper camel case: WebRtcEndpoint. */
  readonly type: string;
  readonly module: string;
  /** Version of the module, e.g. "1.2.0"; what its other types say, or none, where absent. */
  readonly moduleVersion?: string;
  readonly extends: Definition | null;
  readonly summary: string;
  /** Abstract types describe what their heirs share and cannot be created. */
  readonly abstract: boolean;
  readonly options: z.ZodObject;
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly operations: Readonly<Record<string, OperationSpec>>;
  /** An event with `.meta({ "x-extension": true })` is not part of Kurento's interface. */
  readonly events: Readonly<Record<string, z.ZodObject>>;
  /** Media kinds the element has a sink and a source pad for. */
  readonly pads: Readonly<Partial<Record<MediaKind, PadRole>>>;
  /** Makes the live side of one element; its shape is the SDK's matter (module/instance.ts). Null for abstract types,
   *  and for types that are described and not built yet. */
  readonly create: Create | null;
}

/** "planned": described, listed at every door, and refused at creation until it is built. */
export type TypeStatus = "abstract" | "planned" | "built";

export function typeStatus(definition: Definition): TypeStatus {
  if (definition.abstract) return "abstract";
  // Pipelines are made by the house itself, not by create().
  return definition.create === null && placeOf(definition) !== "pipeline" ? "planned" : "built";
}

/** Where objects of a type stand: hubs and media elements are the elements of a pipeline. */
export type ObjectPlace = "server" | "pipeline" | "hub" | "element" | "none";

export function placeOf(definition: Definition): ObjectPlace {
  if (isKindOf(definition, "MediaElement")) return "element";
  if (isKindOf(definition, "Hub")) return "hub";
  if (isKindOf(definition, "MediaPipeline")) return "pipeline";
  return isKindOf(definition, "ServerManager") ? "server" : "none";
}

/** The definition and all it extends, the most general one last. */
export function lineage(definition: Definition): Definition[] {
  const line: Definition[] = [];
  for (let at: Definition | null = definition; at !== null; at = at.extends) line.push(at);
  return line;
}

/** True when `definition` is `type` or extends it, at any distance. */
export function isKindOf(definition: Definition, type: string): boolean {
  return lineage(definition).some((ancestor) => ancestor.type === type);
}

type Inherited = Pick<Definition, "properties" | "operations" | "events" | "pads">;

/** All entries of one section of a definition, inherited ones included; a nearer definition wins. */
export function allOf<Section extends keyof Inherited>(
  definition: Definition,
  section: Section,
): Inherited[Section] {
  let known = inherited.get(definition);
  if (!known) inherited.set(definition, known = inherit(definition));
  return known[section];
}

/** Definitions never change, and every event of every element asks. */
const inherited = new WeakMap<Definition, Inherited>();

function inherit(definition: Definition): Inherited {
  const line = lineage(definition).reverse();
  const merge = (section: keyof Inherited) => Object.assign({}, ...line.map((ancestor) => ancestor[section]));
  return {
    properties: merge("properties"),
    operations: merge("operations"),
    events: merge("events"),
    pads: merge("pads"),
  };
}
