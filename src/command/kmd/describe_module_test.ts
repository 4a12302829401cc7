import { expect, test } from "vitest";
import { z } from "zod";
import { Registry } from "../../graph/mod.ts";
import {
  complexType,
  computed,
  defineElement,
  extension,
  extensionOption,
  Hub,
  MediaElement,
  objectOf,
  operation,
  settable,
} from "../../module/mod.ts";
import { describeModule, describeModules } from "./describe_module.ts";

const Beam = complexType("lamps", "Beam", z.strictObject({ width: z.int(), tint: z.string().optional() }));
complexType("lamps", "LongBeam", Beam.extend({ length: z.int() }), "Beam");

const Lamp = defineElement({
  type: "Lamp",
  module: "lamps",
  moduleVersion: "2.1.0",
  extends: MediaElement,
  summary: "Shines",
  options: z.strictObject({
    beam: Beam,
    watts: z.int().default(40).describe("Power"),
    halo: extensionOption(z.boolean().default(false)).describe("Kaskado's own"),
  }),
  properties: {
    colour: settable("What it looks like", z.string(), "white"),
    lit: computed("Whether it shines", z.boolean()),
    secret: extension(settable("Kaskado's own", z.boolean(), false)),
  },
  operations: {
    flash: operation("Flashes", { input: z.strictObject({ times: z.int() }), output: z.array(Beam) }),
    dim: extension(operation("Kaskado's own")),
  },
  events: { Lit: z.object({ beam: Beam }), Dimmed: z.object({}).meta({ "x-extension": true }) },
  create: () => ({}),
});
const Plug = defineElement({
  type: "Plug",
  module: "lamps",
  extends: MediaElement,
  summary: "Plugs",
  options: z.strictObject({ hub: objectOf("Hub") }),
});

const registry = new Registry();
registry.register(Lamp, "lamp");
registry.register(Plug, "plug");
registry.register(
  defineElement({ type: "Board", module: "boards", extends: Hub, summary: "Feeds" }),
  "board",
);

test("a module is described with its classes, types and events, and without what Kurento has not", () => {
  const { remoteClasses, ...module } = describeModule(registry, "lamps");
  expect(module).toEqual({
    name: "lamps",
    version: "2.1.0",
    kurentoVersion: "^7.3.0",
    imports: [{ name: "core", version: "^7.3.0" }],
    complexTypes: [
      {
        typeFormat: "REGISTER",
        name: "Beam",
        doc: "",
        properties: [
          { name: "width", type: "int", doc: "" },
          { name: "tint", type: "String", doc: "", optional: true },
        ],
      },
      {
        typeFormat: "REGISTER",
        name: "LongBeam",
        doc: "",
        extends: "Beam",
        properties: [{ name: "length", type: "int", doc: "" }],
      },
    ],
    events: [{
      name: "Lit",
      extends: "Media",
      doc: "",
      properties: [{ name: "beam", type: "Beam", doc: "" }],
    }],
  });
  expect(remoteClasses[0]).toEqual({
    name: "Lamp",
    extends: "MediaElement",
    doc: "Shines",
    constructor: {
      doc: "Makes a Lamp",
      params: [
        { name: "mediaPipeline", type: "MediaPipeline", doc: "The pipeline it belongs to" },
        { name: "beam", type: "Beam", doc: "" },
        { name: "watts", type: "int", doc: "Power", optional: true, defaultValue: 40 },
      ],
    },
    properties: [
      { name: "colour", type: "String", doc: "What it looks like" },
      { name: "lit", type: "boolean", doc: "Whether it shines", readOnly: true },
    ],
    methods: [{
      name: "flash",
      doc: "Flashes",
      params: [{ name: "times", type: "int", doc: "" }],
      return: { type: "Beam[]", doc: "" },
    }],
    events: ["Lit"],
  });
});

test("what a hub is given to needs no pipeline, for the hub has one", () => {
  const plug = describeModule(registry, "lamps").remoteClasses[1] as { constructor?: unknown };
  expect(plug.constructor).toEqual({
    doc: "Makes a Plug",
    params: [{ name: "hub", type: "Hub", doc: "" }],
  });
});

test("the core's events end in those that every event extends", () => {
  const { imports, events } = describeModule(registry, "core");
  expect(imports).toEqual([]);
  expect(events.map(({ name, extends: base }) => `${name} < ${base}`)).toEqual(
    expect.arrayContaining(["RaiseBase < undefined", "Media < RaiseBase", "Error < RaiseBase"]),
  );
});

test("modules are listed with their versions and what they can make", () => {
  expect(describeModules(registry)).toEqual([
    { name: "core", version: "7.3.0", types: [] },
    { name: "lamps", version: "2.1.0", types: ["Lamp", "Plug"] },
    { name: "boards", version: "0.0.0", types: ["Board"] },
  ]);
});

test("a module that nobody has is refused with the names of those that are there", () => {
  expect(() => describeModule(registry, "cameras")).toThrow(
    expect.objectContaining({
      code: "module_not_found",
      message: 'Cannot describe module "cameras": this server has core, lamps, boards',
    }),
  );
});
