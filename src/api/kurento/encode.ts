import type { z } from "zod";
import { type WireType, wireTypes } from "../../graph/mod.ts";
import { modulePrefix } from "./class_names.ts";
import { withBothNames } from "./old_names.ts";
import { type Kind, kindOf } from "./schema_kind.ts";

/** Kurento's id of an object of the house. */
export type IdOf = (objectId: string) => string;

/**
 * A value of the house as Kurento tells it: complex values carry their names, objects are their ids, an empty map is
 * null, and what is absent is left out of complex values and null elsewhere.
 */
export function encodeValue(schema: z.ZodType, value: unknown, idOf: IdOf): unknown {
  if (value === undefined || value === null) return null;
  const kind = kindOf(schema);
  switch (kind.is) {
    case "class":
      return idOf(String(value));
    case "list":
      return (value as unknown[]).map((each) => encodeValue(kind.element, each, idOf));
    case "map":
      return encodeMap(kind.value, value as Record<string, unknown>, idOf);
    case "complex":
      return encodeComplex(kind, value as Record<string, unknown>, idOf);
    default:
      return value;
  }
}

/** The fields of an object schema that has no name of its own, such as the payload of an event. */
export function encodeFields(
  fields: Readonly<Record<string, z.ZodType>>,
  value: Readonly<Record<string, unknown>>,
  idOf: IdOf,
): Record<string, unknown> {
  const given = Object.entries(fields).filter(([name]) => value[name] !== undefined);
  return Object.fromEntries(given.map(([name, schema]) => [name, encodeValue(schema, value[name], idOf)]));
}

function encodeMap(of: z.ZodType, value: Record<string, unknown>, idOf: IdOf): unknown {
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  return Object.fromEntries(entries.map(([key, each]) => [key, encodeValue(of, each, idOf)]));
}

function encodeComplex(kind: Complex, value: Record<string, unknown>, idOf: IdOf): unknown {
  const { type, fields } = closest(kind, value);
  const { module, name } = type;
  const told = withBothNames(name, encodeFields(fields, value, idOf));
  return { __module__: modulePrefix(module), __type__: name, ...told };
}

type Complex = Kind & { is: "complex" };

/** The type with the fewest fields that has all those of the value: itself, or one of the types that add to it. */
function closest(kind: Complex, value: Record<string, unknown>): Complex {
  const names = Object.keys(value);
  const size = ({ fields }: Complex) => Object.keys(fields).length;
  const fitting = family(kind).filter(({ fields }) => names.every((name) => Object.hasOwn(fields, name)));
  return fitting.reduce((least, each) => size(each) < size(least) ? each : least, fitting[0] ?? kind);
}

const families = new WeakMap<Complex, Complex[]>();

/** The type and all that extend it, at any distance, itself first. */
function family(kind: Complex): Complex[] {
  let known = families.get(kind);
  if (!known) {
    families.set(
      kind,
      known = [
        kind,
        ...wireTypes().filter(({ type }) => extendsType(type, kind.type)).map(
          ({ schema }) => kindOf(schema) as Complex,
        ),
      ],
    );
  }
  return known;
}

function extendsType(type: WireType, base: WireType): boolean {
  const parent = wireTypes().find((each) => each.type.name === type.extends)?.type;
  return parent !== undefined && (parent.name === base.name || extendsType(parent, base));
}
