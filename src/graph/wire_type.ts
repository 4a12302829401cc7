import { z } from "zod";

/**
 * The name that a value has in interface descriptions and on Kurento's wire, where zod's own kind does not tell it.
 * A plain z.int() is an `int`, z.number() a `double`, z.string() a `String`, z.array(x) an `x[]`, z.record(x) an `x<>`:
 * only what differs from that is named.
 */
export interface WireType {
  /** `int64`, `float`, or the name of an enumeration, of a complex value, of a class that a string refers to. */
  readonly name: string;
  /** "class": the string is the id of an object of that class or of one that extends it. */
  readonly kind: "primitive" | "enum" | "complex" | "class";
  /** Module that defines the type; "core" for primitives. */
  readonly module: string;
  /** Complex types: the name of the type that this one adds fields to. */
  readonly extends?: string;
}

const known = z.registry<WireType>();
const lenient = z.registry<{ required: true }>();
const listed: { type: WireType; schema: z.ZodType }[] = [];

/** A whole number of 64 bits, where plain z.int() stands for one of 32. */
export const int64 = <Schema extends z.ZodType>(schema: Schema): Schema => primitive("int64", schema);
/** A number of single precision, where plain z.number() stands for double. */
export const float = <Schema extends z.ZodType>(schema: Schema): Schema => primitive("float", schema);

/** Names an enumeration; call it once per name and share the value. */
export function enumType<Schema extends z.ZodType>(module: string, name: string, schema: Schema): Schema {
  return list(schema, { name, kind: "enum", module });
}

/** Names a complex value; its fields stand in the order in which they are described. */
export function complexType<Schema extends z.ZodType>(
  module: string,
  name: string,
  schema: Schema,
  base?: string,
): Schema {
  return list(schema, { name, kind: "complex", module, ...(base && { extends: base }) });
}

/** Marks an optional field that interface descriptions call required: clients may leave it out all the same. */
export function omissible<Schema extends z.ZodType>(schema: Schema): Schema {
  lenient.add(schema, { required: true });
  return schema;
}

/** True for what `omissible` marked. */
export function isOmissible(schema: z.ZodType): boolean {
  return lenient.has(schema);
}

/** The id of an object of class `name`. */
export function objectOf(name: string): z.ZodString {
  return z.string().min(1).register(known, { name, kind: "class", module: "core" });
}

/** What was named about exactly this schema, or undefined; wrappers (optional, default, array) are the asker's to open. */
export function wireTypeOf(schema: z.ZodType): WireType | undefined {
  return known.get(schema);
}

/** Every enumeration and complex type that was named, in order. */
export function wireTypes(): readonly { type: WireType; schema: z.ZodType }[] {
  return listed;
}

function primitive<Schema extends z.ZodType>(name: string, schema: Schema): Schema {
  known.add(schema, { name, kind: "primitive", module: "core" });
  return schema;
}

function list<Schema extends z.ZodType>(schema: Schema, type: WireType): Schema {
  if (listed.some((other) => other.type.module === type.module && other.type.name === type.name)) {
    throw new Error(`Cannot name a type "${type.name}" of module "${type.module}": the name is taken`);
  }
  known.add(schema, type);
  listed.push({ type, schema });
  return schema;
}
