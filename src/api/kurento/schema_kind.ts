import { z } from "zod";
import { isOmissible, type WireType, wireTypeOf } from "../../graph/mod.ts";

/** What a schema's values are on the wire. */
export type Kind =
  | { is: "string" | "int" | "int64" | "double" | "boolean" | "other" }
  | { is: "enum"; name: string; values: string[] }
  | { is: "class"; name: string }
  | { is: "complex"; type: WireType; fields: Readonly<Record<string, z.ZodType>> }
  | { is: "list"; element: z.ZodType }
  | { is: "map"; value: z.ZodType };

/** Schemas never change, and every value of every message asks. */
const kinds = new WeakMap<z.ZodType, Kind>();

export function kindOf(schema: z.ZodType): Kind {
  let kind = kinds.get(schema);
  if (!kind) kinds.set(schema, kind = findKind(schema));
  return kind;
}

/** True when a value may be left out. */
export function mayBeAbsent(schema: z.ZodType): boolean {
  return isOmissible(schema) || schema.safeParse(undefined).success;
}

function findKind(schema: z.ZodType): Kind {
  const type = wireTypeOf(schema);
  const inner = innerOf(schema);
  if (type?.kind === "class") return { is: "class", name: type.name };
  if (inner) return kindOf(inner);
  if (type?.kind === "complex" && schema instanceof z.ZodObject) {
    return { is: "complex", type, fields: schema.shape as Record<string, z.ZodType> };
  }
  if (schema instanceof z.ZodEnum) {
    return { is: "enum", name: type?.name ?? "String", values: schema.options.map(String) };
  }
  if (schema instanceof z.ZodArray) return { is: "list", element: schema.element as z.ZodType };
  if (schema instanceof z.ZodRecord) return { is: "map", value: schema.valueType as z.ZodType };
  return { is: plainKind(schema, type) };
}

function plainKind(schema: z.ZodType, type: WireType | undefined) {
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodNumber) {
    if (type?.name === "int64") return "int64";
    return schema.format?.includes("int") ? "int" : "double";
  }
  return schema.type === "string" || schema.type === "literal" ? "string" : "other";
}

/** The schema inside of one that only says when or how a value may be there. */
function innerOf(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.in as z.ZodType;
  return (schema as unknown as { def: { innerType?: z.ZodType } }).def.innerType;
}
