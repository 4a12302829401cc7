import { expect, test } from "vitest";
import { z } from "zod";
import { Registry } from "../graph/mod.ts";
import { defineElement } from "../module/mod.ts";
import { reviewElement, reviewPipeline } from "./review.ts";

const registry = new Registry();
registry.register(
  defineElement({
    type: "Lamp",
    module: "test",
    extends: null,
    summary: "A lamp",
    options: z.strictObject({ watts: z.int().optional() }),
    create: () => ({}),
  }),
  "review_test.ts",
);

test("every element whose shape can be judged is judged", () => {
  const body = {
    name: 5,
    elements: [{ type: "Lamp", options: { watts: "many", colour: 1 } }, 7, { type: 3 }, { type: "Sun" }],
  };
  expect(reviewPipeline(registry, body).map((field) => field.pointer)).toEqual([
    "/elements/0/options/watts",
    "/elements/0/options/colour",
    "/elements/3/type",
  ]);
});

test("what is no pipeline at all has nothing to judge", () => {
  for (const body of [null, 1, "x", [], { elements: 5 }]) expect(reviewPipeline(registry, body)).toEqual([]);
});

test("an element that is right gets no remark", () => {
  expect(reviewElement(registry, { type: "Lamp", options: { watts: 40 } })).toEqual([]);
});
