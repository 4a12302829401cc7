import { z } from "zod";
import { isOmissible, wireTypeOf } from "./wire_type.ts";

/** One field of a complex value, or one parameter of an operation or constructor, as interface descriptions tell it. */
export interface WireField {
  name: string;
  type: string;
  /** May be left out. */
  optional: boolean;
  /** What stands for it when it is left out; absent where nothing does. */
  defaultValue?: unknown;
  /** Its `describe` text, "" without one. */
  summary: string;
}

/** The fields of an object schema in the order in which they were written; that order is the order of parameters. */
export function fieldsOf(schema: z.ZodObject): WireField[] {
  return Object.entries(schema.shape).map(([name, field]) => fieldOf(name, field as z.ZodType));
}

/** The name of a value's type: "int", "String[]", "Stats<>", "MediaElement"; wrappers such as optional are opened. */
export function wireNameOf(schema: z.ZodType): string {
  const named = wireTypeOf(schema);
  if (named) return named.name;
  if (schema instanceof z.ZodArray) return `${wireNameOf(schema.element as z.ZodType)}[]`;
  if (schema instanceof z.ZodRecord) return `${wireNameOf(schema.valueType as z.ZodType)}<>`;
  if (schema instanceof z.ZodNumber) return schema.format?.includes("int") ? "int" : "double";
  const inner = wrappedIn(schema);
  return inner ? wireNameOf(inner) : plainNames[schema.type] ?? "Object";
}

function fieldOf(name: string, schema: z.ZodType): WireField {
  const optional = schema.safeParse(undefined).success && !isOmissible(schema);
  const found = optional ? defaultOf(schema) : undefined;
  return {
    name,
    type: wireNameOf(schema),
    optional,
    ...(found !== undefined && { defaultValue: found }),
    summary: schema.description ?? "",
  };
}

function defaultOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  const inner = wrappedIn(schema);
  return inner && defaultOf(inner);
}

/** The schema inside of one that only says when or how a value may be there. */
function wrappedIn(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.in as z.ZodType;
  return wrappers.some((wrapper) => schema instanceof wrapper)
    ? (schema as unknown as { def: { innerType: z.ZodType } }).def.innerType
    : undefined;
}

const wrappers = [z.ZodOptional, z.ZodNullable, z.ZodDefault, z.ZodPrefault, z.ZodReadonly, z.ZodNonOptional];

/** What zod's own kinds are called; a shape that nobody named can be any object. */
const plainNames: Record<string, string> = {
  string: "String",
  enum: "String",
  literal: "String",
  template_literal: "String",
  boolean: "boolean",
};
