import { z } from "zod";
import type { Definition, MediaKind, OperationSpec, PadRole, PropertySpec } from "../graph/mod.ts";
import type { CreateElement } from "./instance.ts";

/** An element type as its author writes it; what is left out is empty. */
export interface ElementDeclaration<Options extends z.ZodObject> {
  type: string;
  /** Name of the module the type belongs to, lower case. */
  module: string;
  /** Version of the module, e.g. "1.2.0"; one type of a module is enough to say it. */
  moduleVersion?: string;
  extends: Definition<CreateElement> | null;
  summary: string;
  abstract?: boolean;
  options?: Options;
  properties?: Record<string, PropertySpec>;
  operations?: Record<string, OperationSpec>;
  events?: Record<string, z.ZodObject>;
  pads?: Partial<Record<MediaKind, PadRole>>;
  create?: CreateElement<z.output<Options>>;
}

/**
 * Turns a declaration into the definition everything else derives from. A type inherits properties, operations,
 * events and pads; options it states in full, because a constructor is no matter of inheritance.
 */
export function defineElement<Options extends z.ZodObject = z.ZodObject>(
  declaration: ElementDeclaration<Options>,
): Definition<CreateElement> {
  return {
    type: declaration.type,
    module: declaration.module,
    ...(declaration.moduleVersion && { moduleVersion: declaration.moduleVersion }),
    extends: declaration.extends,
    summary: declaration.summary,
    abstract: declaration.abstract ?? false,
    options: (declaration.options ?? z.strictObject({})) as z.ZodObject,
    properties: declaration.properties ?? {},
    operations: declaration.operations ?? {},
    events: declaration.events ?? {},
    pads: declaration.pads ?? {},
    create: (declaration.create ?? null) as CreateElement | null,
  };
}

/** An operation; without `input` it takes none, without `output` it gives none. */
export function operation(
  summary: string,
  shape: { input?: z.ZodObject; output?: z.ZodType } = {},
): OperationSpec {
  return { summary, input: shape.input ?? z.strictObject({}), output: shape.output ?? z.null() };
}

/** A property that clients set and read; it has `initial` until somebody sets it. */
export function settable(summary: string, schema: z.ZodType, initial: unknown): PropertySpec {
  return { summary, schema, access: "readWrite", default: initial };
}

/** A property that is given once, at creation. */
export function final(summary: string, schema: z.ZodType): PropertySpec {
  return { summary, schema, access: "final" };
}

/** A property that the element computes whenever it is read. */
export function computed(summary: string, schema: z.ZodType): PropertySpec {
  return { summary, schema, access: "readOnly" };
}

/** Marks a member that Kurento's interface does not have: interface descriptions leave it out. */
export function extension<Member extends PropertySpec | OperationSpec>(member: Member): Member {
  return { ...member, extension: true };
}

/** Marks an option that constructors of Kurento's interface do not have: interface descriptions leave it out. */
export function extensionOption<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), "x-extension": true });
}
