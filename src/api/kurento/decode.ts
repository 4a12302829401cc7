import type { z } from "zod";
import type { ObjectView } from "../../command/mod.ts";
import { isKindOf, wireTypes } from "../../graph/mod.ts";
import { modulePrefix } from "./class_names.ts";
import { isObject } from "./envelope.ts";
import type { Params } from "./fields.ts";
import { kurentoError, marshalError } from "./rpc_error.ts";
import { type Kind, kindOf, mayBeAbsent } from "./schema_kind.ts";

/** Finds the object of a client's id; throws RpcError when there is none. */
export type Find = (id: string) => ObjectView;

type Fields = Readonly<Record<string, z.ZodType>>;

/**
 * The arguments of an operation or constructor as the house takes them. Types are checked with Kurento's leniency;
 * what a value may be beyond that is the command's to say. Kurento lets an optional parameter count only when all
 * optional ones before it were given; here each that is named counts, because who says useDataChannels means it.
 * Unknown names are passed over.
 */
export function decodeParams(fields: Fields, params: Params, find: Find): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(fields)) {
    const given = Object.hasOwn(params, name) ? params[name] : undefined;
    if (mayBeAbsent(schema) && (given === undefined || given === null)) continue;
    decoded[name] = decodeValue(schema, given, { name, noun: "parameter", find });
  }
  return decoded;
}

interface Place {
  name: string;
  /** "parameter" of a call, or "property" of a complex value. */
  noun: "parameter" | "property";
  find: Find;
}

/** One value as the house takes it; throws RpcError 40001, or 40003, 40101 and 40107 for types and objects. */
export function decodeValue(schema: z.ZodType, value: unknown, place: Place): unknown {
  const kind = kindOf(schema);
  switch (kind.is) {
    case "string":
      return decodeString(value, place);
    case "boolean":
      return decodeBoolean(value, place);
    case "int":
    case "int64":
    case "double":
      return decodeNumber(kind.is, value, place);
    case "enum":
      return decodeEnum(kind, value, place);
    case "class":
      return decodeObject(kind.name, decodeString(value, place), place);
    case "list":
      return decodeList(kind.element, value, place);
    case "map":
      return decodeMap(kind.value, value, place);
    case "complex":
      return decodeComplex(kind, value, place);
    case "other":
      return value;
  }
}

function decodeString(value: unknown, place: Place): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw unfit(place, "string");
}

function decodeBoolean(value: unknown, place: Place): boolean {
  if (value === null) return false;
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  throw unfit(place, "boolean");
}

const INT_LIMIT = 2 ** 31;
const wordsOf = { int: "integer", int64: "int64", double: "double" };

function decodeNumber(kind: "int" | "int64" | "double", value: unknown, place: Place): number {
  if (value === null) return 0;
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "number") throw unfit(place, wordsOf[kind]);
  if (kind === "double") return value;
  const whole = Math.trunc(value);
  const limit = kind === "int" ? INT_LIMIT : Number.MAX_SAFE_INTEGER;
  if (whole >= limit || whole < -limit) throw unfit(place, wordsOf[kind]);
  return whole;
}

function decodeEnum(kind: Kind & { is: "enum" }, value: unknown, place: Place): string {
  const text = decodeString(value, place);
  if (kind.values.includes(text)) return text;
  throw marshalError(`Invalid value for '${kind.name}'`);
}

/** The house's id of an object that has to be of class `name`. */
function decodeObject(name: string, id: string, { find, ...place }: Place): string {
  const view = find(id);
  if (isKindOf(view.definition, name)) return view.id;
  throw kurentoError(
    40107,
    "MEDIA_OBJECT_ILLEGAL_PARAM_ERROR",
    `'${place.name}' ${place.noun} should be a ${name}, and '${id}' is a ${view.definition.type}`,
  );
}

function decodeList(element: z.ZodType, value: unknown, place: Place): unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw unfit(place, "list");
  return value.map((each) => decodeValue(element, each, place));
}

function decodeMap(of: z.ZodType, value: unknown, place: Place): Record<string, unknown> {
  if (value === null) return {};
  if (!isObject(value)) throw unfit(place, "map");
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decodeValue(of, each, place)]));
}

function decodeComplex(kind: Kind & { is: "complex" }, value: unknown, place: Place): unknown {
  const given = value === null ? {} : value;
  if (!isObject(given)) throw unfit(place, "object");
  requireFit(given, kind.type.name);
  const decoded: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(kind.fields)) {
    const field = Object.hasOwn(given, name) ? given[name] : value === null ? null : undefined;
    if ((field === undefined || field === null) && mayBeAbsent(schema)) continue;
    decoded[name] = decodeValue(schema, field, { ...place, name, noun: "property" });
  }
  return decoded;
}

/** Both markers or none: a value that says what it is has to be of the type that is wanted, or of one that adds to it. */
function requireFit(value: Record<string, unknown>, wanted: string): void {
  const { __module__: module, __type__: name } = value;
  if (module === undefined || name === undefined) return;
  const known = wireTypes().map(({ type }) => type).filter(({ kind }) => kind === "complex");
  let type = known.find((each) => each.name === name && modulePrefix(each.module) === module);
  if (!type) throw unexpected(`Type ${name} does not exist in module ${module}`);
  while (type && type.name !== wanted) type = known.find((each) => each.name === type?.extends);
  if (!type) throw unexpected(`Type ${name} is not compatible`);
}

const unfit = ({ name, noun }: Place, wanted: string) =>
  marshalError(`'${name}' ${noun} should be a ${wanted}`);
const unexpected = (message: string) => kurentoError(40003, "UNEXPECTED_ERROR", message);
