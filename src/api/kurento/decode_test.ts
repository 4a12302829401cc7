import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ObjectView } from "../../command/mod.ts";
import { complexType, enumType, float, int64, objectOf } from "../../graph/mod.ts";
import { decodeParams } from "./decode.ts";
import { objectNotFound, type RpcError } from "./rpc_error.ts";

const Colour = enumType("decodetest", "DecodeColour", z.enum(["RED", "BLUE"]));
const Point = complexType("decodetest", "DecodePoint", z.strictObject({ x: z.int(), y: z.int().optional() }));
complexType("decodetest", "DecodePixel", z.strictObject({ x: z.int(), colour: Colour }), "DecodePoint");
complexType("core", "DecodeOther", z.strictObject({}));

const fields = {
  text: z.string(),
  whole: z.int(),
  large: int64(z.int()),
  real: z.number(),
  single: float(z.number()),
  flag: z.boolean(),
  colour: Colour,
  list: z.array(z.int()),
  map: z.record(z.string(), z.int()),
  point: Point,
  thing: objectOf("Thing"),
};

const find = (id: string): ObjectView => {
  const type = { a: "Thing", b: "Stranger" }[id];
  if (!type) throw objectNotFound(id);
  return { id: `uuid of ${id}`, definition: { type, extends: null } } as unknown as ObjectView;
};

const decode = (name: keyof typeof fields, value: unknown) =>
  decodeParams({ [name]: fields[name] }, { [name]: value }, find)[name];

describe("what passes", () => {
  test.each<[keyof typeof fields, unknown, unknown]>([
    ["text", "a", "a"],
    ["text", 5, "5"],
    ["text", 1.5, "1.5"],
    ["text", true, "true"],
    ["text", null, ""],
    ["whole", 5, 5],
    ["whole", -1.9, -1],
    ["whole", true, 1],
    ["whole", null, 0],
    ["large", 2 ** 40, 2 ** 40],
    ["real", 0.5, 0.5],
    ["single", false, 0],
    ["flag", true, true],
    ["flag", 0, false],
    ["flag", 2, true],
    ["flag", null, false],
    ["colour", "RED", "RED"],
    ["list", [1, true, null], [1, 1, 0]],
    ["list", null, []],
    ["map", { a: 1 }, { a: 1 }],
    ["map", null, {}],
    ["point", { x: 1, y: 2, z: 3 }, { x: 1, y: 2 }],
    ["point", { x: 1, y: null }, { x: 1 }],
    ["point", null, { x: 0 }],
    ["point", { __module__: "decodetest", __type__: "DecodePoint", x: 1 }, { x: 1 }],
    ["point", { __module__: "decodetest", __type__: "DecodePixel", x: 1, colour: "RED" }, { x: 1 }],
    ["point", { __type__: "Nonsense", x: 1 }, { x: 1 }],
    ["thing", "a", "uuid of a"],
  ])("%s: %j as %j", (name, value, wanted) => expect(decode(name, value)).toEqual(wanted));
});

describe("what is refused", () => {
  test.each<[keyof typeof fields, unknown, number, string]>([
    ["text", undefined, 40001, "'text' parameter should be a string"],
    ["text", {}, 40001, "'text' parameter should be a string"],
    ["whole", "5", 40001, "'whole' parameter should be a integer"],
    ["whole", 2 ** 31, 40001, "'whole' parameter should be a integer"],
    ["large", "5", 40001, "'large' parameter should be a int64"],
    ["real", "5", 40001, "'real' parameter should be a double"],
    ["flag", "true", 40001, "'flag' parameter should be a boolean"],
    ["colour", "GREEN", 40001, "Invalid value for 'DecodeColour'"],
    ["colour", null, 40001, "Invalid value for 'DecodeColour'"],
    ["list", {}, 40001, "'list' parameter should be a list"],
    ["list", ["1"], 40001, "'list' parameter should be a integer"],
    ["map", [], 40001, "'map' parameter should be a map"],
    ["point", 5, 40001, "'point' parameter should be a object"],
    ["point", {}, 40001, "'x' property should be a integer"],
    [
      "point",
      { __module__: "kurento", __type__: "DecodeOther" },
      40003,
      "Type DecodeOther is not compatible",
    ],
    [
      "point",
      { __module__: "kurento", __type__: "DecodePoint" },
      40003,
      "Type DecodePoint does not exist in module kurento",
    ],
    ["thing", "c", 40101, "Object 'c' not found"],
    ["thing", "b", 40107, "'thing' parameter should be a Thing, and 'b' is a Stranger"],
  ])("%s: %j", (name, value, code, message) => {
    expect(() => decode(name, value)).toThrow(
      expect.objectContaining({ code, message }) as unknown as RpcError,
    );
  });
});

test("optional parameters count by name, and unknown names are passed over", () => {
  const fields = {
    first: z.int().default(1),
    second: z.int().optional(),
    needed: z.int(),
    third: z.int().optional(),
  };
  const given = (params: Record<string, unknown>) => decodeParams(fields, params, find);
  expect(given({ first: 1, second: 2, needed: 3, third: 4, odd: 5 })).toEqual({
    first: 1,
    second: 2,
    needed: 3,
    third: 4,
  });
  expect(given({ first: 1, needed: 3, third: 4 })).toEqual({ first: 1, needed: 3, third: 4 });
  expect(given({ second: 2, needed: 3 })).toEqual({ second: 2, needed: 3 });
  expect(given({ first: null, second: 2, needed: 3 })).toEqual({ second: 2, needed: 3 });
  expect(() => given({ first: 1 })).toThrow("'needed' parameter should be a integer");
});

test("names that every object has are not taken for parameters", () => {
  expect(() => decodeParams({ constructor: z.string() }, {}, find)).toThrow(
    "'constructor' parameter should be",
  );
});
