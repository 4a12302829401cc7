import { expect, test } from "vitest";
import { z } from "zod";
import { allOf, Registry } from "../graph/mod.ts";
import { computed, defineElement, extension, final, operation, settable } from "./define.ts";
import { MediaElement } from "./media_element.ts";
import { MediaObject } from "./media_object.ts";
import { BaseRtpEndpoint } from "./sdp_endpoint.ts";

test("what a declaration leaves out is empty, and options are strict", () => {
  const definition = defineElement({
    type: "Plain",
    module: "test",
    extends: null,
    summary: "Plain",
    create: () => ({}),
  });
  expect(definition).toMatchObject({ abstract: false, properties: {}, operations: {}, events: {}, pads: {} });
  expect(definition.options.safeParse({ any: 1 }).success).toBe(false);
});

test("an operation without input takes none, without output gives none", () => {
  const { input, output } = operation("Acts");
  expect([input.safeParse({}).success, input.safeParse({ x: 1 }).success]).toEqual([true, false]);
  expect([output.safeParse(null).success, output.safeParse(1).success]).toEqual([true, false]);
});

test("properties are the client's to set, or the server's to compute", () => {
  expect(settable("Loudness", z.int(), 5)).toMatchObject({ access: "readWrite", default: 5 });
  expect(computed("State", z.string()).access).toBe("readOnly");
  expect(final("Place", z.string()).access).toBe("final");
  expect(extension(final("Place", z.string()))).toMatchObject({ access: "final", extension: true });
});

test("heirs have what their ancestors have", () => {
  expect(Object.keys(allOf(BaseRtpEndpoint, "events"))).toEqual(
    expect.arrayContaining(["Error", "ElementConnected", "MediaSessionStarted", "ConnectionStateChanged"]),
  );
  expect(Object.keys(allOf(BaseRtpEndpoint, "properties"))).toContain("sendTagsInEvents");
});

test("the abstract types can be registered and not be created", () => {
  const registry = new Registry();
  registry.register(BaseRtpEndpoint, "the test");
  for (const { type } of [BaseRtpEndpoint, MediaElement, MediaObject]) {
    expect(() => registry.creatable(type)).toThrow(
      expect.objectContaining({ code: "element_type_abstract" }),
    );
  }
});
