import { expect, test } from "vitest";
import { z } from "zod";
import { complexType, enumType, fieldsOf, float, int64, objectOf, omissible, wireNameOf } from "./mod.ts";

const Colour = enumType("test", "Colour", z.enum(["RED", "BLUE"]));
const Point = complexType("test", "Point", z.strictObject({ x: z.int(), y: z.int() }));

test.each<[string, z.ZodType]>([
  ["int", z.int()],
  ["int", z.int().min(0).max(10).default(3)],
  ["int64", int64(z.int().min(0)).describe("Bytes")],
  ["double", z.number()],
  ["float", float(z.number().positive()).optional()],
  ["boolean", z.boolean().default(false)],
  ["String", z.string().min(1).nullable()],
  ["String", z.base64().optional()],
  ["String", z.literal("default").default("default")],
  ["String", z.enum(["unnamed"])],
  ["String[]", z.array(z.string())],
  ["String<>", z.record(z.string(), z.string()).optional()],
  ["Point[]", z.array(Point).min(1).default([])],
  ["Point[]<>", z.record(z.string(), z.array(Point))],
  ["Colour", Colour.default("RED").describe("What it looks like")],
  ["HubPort", objectOf("HubPort")],
  ["MediaObject", objectOf("MediaObject").nullable()],
  ["Object", z.object({ anything: z.string() })],
])("%s is the name of what its schema takes", (name, schema) => {
  expect(wireNameOf(schema)).toBe(name);
});

test("fields stand in order, each with what stands for it when it is left out", () => {
  const fields = fieldsOf(z.strictObject({
    uri: z.string().min(1).describe("Where it is"),
    colour: Colour.optional(),
    size: float(z.number()).default(0.5),
    sdpMid: omissible(z.string().nullish()),
    at: Point.default({ x: 0, y: 0 }),
  }));
  expect(fields).toEqual([
    { name: "uri", type: "String", optional: false, summary: "Where it is" },
    { name: "colour", type: "Colour", optional: true, summary: "" },
    { name: "size", type: "float", optional: true, defaultValue: 0.5, summary: "" },
    { name: "sdpMid", type: "String", optional: false, summary: "" },
    { name: "at", type: "Point", optional: true, defaultValue: { x: 0, y: 0 }, summary: "" },
  ]);
});

test("what is left out by null alone must be given", () => {
  expect(fieldsOf(z.object({ parent: z.string().nullable() }))[0].optional).toBe(false);
});

test("a name is given once in a module", () => {
  expect(() => enumType("test", "Point", z.enum(["A"]))).toThrow(
    'Cannot name a type "Point" of module "test": the name is taken',
  );
  expect(wireNameOf(enumType("other", "Point", z.enum(["A"])))).toBe("Point");
});
