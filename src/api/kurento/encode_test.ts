import { expect, test } from "vitest";
import { z } from "zod";
import { complexType, objectOf } from "../../graph/mod.ts";
import { encodeFields, encodeValue } from "./encode.ts";

const Base = complexType("core", "EncodeBase", z.looseObject({ id: z.string() }));
const Middle = complexType("core", "EncodeMiddle", Base.extend({ a: z.int() }), "EncodeBase");
complexType(
  "encodetest",
  "EncodeLeaf",
  Middle.extend({ b: z.array(objectOf("Thing")).optional() }),
  "EncodeMiddle",
);

const idOf = (objectId: string) => `full/${objectId}`;
const encode = (schema: z.ZodType, value: unknown) => encodeValue(schema, value, idOf);

test.each<[string, z.ZodType, unknown, unknown]>([
  ["nothing is null", z.string(), undefined, null],
  ["null stays", objectOf("Thing").nullable(), null, null],
  ["plain values stay", z.number(), 0.5, 0.5],
  ["objects become their ids", objectOf("Thing"), "x", "full/x"],
  ["in lists too", z.array(objectOf("Thing")), ["x", "y"], ["full/x", "full/y"]],
  ["an empty list stays", z.array(z.string()), [], []],
  ["an empty map is null", z.record(z.string(), z.int()), {}, null],
  ["a map keeps its keys", z.record(z.string(), objectOf("Thing")), { a: "x" }, { a: "full/x" }],
  ["complex values say what they are", Base, { id: "i" }, {
    __module__: "kurento",
    __type__: "EncodeBase",
    id: "i",
  }],
  ["and of which heir, by their fields", Base, { id: "i", a: 1 }, {
    __module__: "kurento",
    __type__: "EncodeMiddle",
    id: "i",
    a: 1,
  }],
  ["at any distance, in maps and in other modules", z.record(z.string(), Base), {
    k: { id: "i", a: 1, b: ["x"] },
  }, {
    k: { __module__: "encodetest", __type__: "EncodeLeaf", id: "i", a: 1, b: ["full/x"] },
  }],
  ["absent fields are left out, unknown ones too", Middle, { id: "i", a: undefined, odd: 1 }, {
    __module__: "kurento",
    __type__: "EncodeMiddle",
    id: "i",
  }],
])("%s", (_what, schema, value, wanted) => expect(encode(schema, value)).toEqual(wanted));

test("a payload has no name of its own", () => {
  const shape = { sink: objectOf("Thing"), note: z.string().optional() };
  expect(encodeFields(shape, { sink: "x", odd: 1 }, idOf)).toEqual({ sink: "full/x" });
});
