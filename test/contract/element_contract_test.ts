import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allOf, type Definition, fieldsOf, type MediaKind, placeOf } from "../../src/graph/mod.ts";
import { openHouse, openRegistry, refusalOf, type TestHouse } from "../kit/house.ts";
import { Fragile } from "../kit/odd_elements.ts";

/** What every element type owes the house, whoever wrote it. A new type needs no line here. */
const definitions = (await openRegistry()).allCreatable();
const padsOf = (definition: Definition) => Object.keys(allOf(definition, "pads")) as MediaKind[];
const hasOption = (definition: Definition, name: string) =>
  fieldsOf(definition.options).some((field) => field.name === name);
const uris = (definition: Definition) => hasOption(definition, "uri") ? { uri: "file:///nowhere/clip" } : {};
/** What must be said to make one of this type, beside what has a default: ports need a hub, of the same request. */
const needs = (definition: Definition) =>
  hasOption(definition, "hub")
    ? { before: [{ type: "DispatcherOneToMany", name: "hub" }], options: { hub: "hub" } }
    : { before: [], options: uris(definition) };
const propertiesOf = (definition: Definition) =>
  Object.entries(allOf(definition, "properties")).filter(([, { field }]) => !field);
const nothing = { transports: 0, sources: 0, receivers: 0, senders: 0 };

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [Fragile] })));
afterEach(() => house.close());

test("there are elements to hold to the contract", () => {
  expect(definitions.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["WebRtcEndpoint", "PassThrough"]),
  );
});

describe.each(definitions.map((definition) => [definition.type, definition] as const))(
  "%s",
  (type, definition) => {
    const { before, options: needed } = needs(definition);
    const hub = before.length;
    const one = { type, options: needed };
    const create = async () => {
      const view = await house.commands.createPipeline({ elements: [...before, one] });
      return view.elements.find((element) => element.type === type)!;
    };
    /** Another one beside `element`, of the same hub where there is one. */
    const createBeside = ({ pipelineId, parentId }: { pipelineId: string; parentId: string | null }) =>
      house.commands.createElement(pipelineId, {
        type,
        options: parentId ? { hub: parentId } : uris(definition),
      });

    test("is made with defaults, and each property has a value that its schema knows", async () => {
      const { properties } = await create();
      for (const [name, { schema }] of propertiesOf(definition)) {
        expect(schema.safeParse(properties[name]).success, `${name}: ${JSON.stringify(properties[name])}`)
          .toBe(true);
      }
    });

    test("refuses unknown options and properties, by pointer, and leaves nothing", async () => {
      const unknown = { "x y": 1 };
      const options = await refusalOf(
        house.commands.createPipeline({
          elements: [...before, { type, options: { ...needed, ...unknown } }],
        }),
      );
      expect(options).toMatchObject({
        code: "body_invalid",
        fields: [{ pointer: `/elements/${hub}/options/x y` }],
      });
      const properties = await refusalOf(
        house.commands.createPipeline({ elements: [...before, { ...one, properties: unknown }] }),
      );
      expect(properties).toMatchObject({
        code: "property_not_found",
        fields: [{ pointer: `/elements/${hub}/properties/x y` }],
      });
      expect(house.plane.counts).toEqual(nothing);
      expect(house.commands.listPipelines({ limit: 1 }).items).toEqual([]);
    });

    test("takes each settable property's default back, and refuses to have others set", async () => {
      const { id, properties } = await create();
      for (const [name, spec] of propertiesOf(definition)) {
        const edit = house.commands.editElement(id, { properties: { [name]: properties[name] } });
        if (spec.access === "readWrite") expect((await edit).properties[name]).toEqual(properties[name]);
        else expect((await refusalOf(edit)).code).toBe("property_read_only");
      }
    });

    test("is linked by each pad, in both directions, and by no pad that it has not", async () => {
      const element = await create();
      const { id } = element;
      const other = (await createBeside(element)).id;
      for (const media of padsOf(definition)) {
        for (const [source, sink] of [[id, other], [other, id]]) {
          const [link] = await house.commands.connect({ source, sink, media });
          expect(link).toMatchObject({ source, sink, media });
        }
      }
      const missing = (["audio", "video", "data"] as const).filter((media) =>
        !padsOf(definition).includes(media)
      );
      for (const media of missing) {
        expect((await refusalOf(house.commands.connect({ source: id, sink: other, media }))).code).toBe(
          placeOf(definition) === "hub" ? "object_kind_mismatch" : "pad_not_found",
        );
      }
    });

    test("has a handler for each operation, which refuses a bad body by pointer", async () => {
      const { id } = await create();
      const before = house.plane.commands.length;
      for (const operation of Object.keys(allOf(definition, "operations"))) {
        const error = await refusalOf(house.commands.invoke(id, operation, { "no such field": 1 }));
        expect(error.code, operation).toBe("body_invalid");
        expect(error.fields.map(({ pointer }) => pointer), operation).toContain("/no such field");
      }
      expect(house.plane.commands.length).toBe(before);
    });

    test("emits only what it declares when its operations are called on a fresh element", async () => {
      const known = new Set(Object.keys(allOf(definition, "events")));
      for (const [operation, { input }] of Object.entries(allOf(definition, "operations"))) {
        if (!input.safeParse({}).success) continue;
        const { id } = await create();
        const from = house.store.events.newest();
        await house.commands.invoke(id, operation, {}).catch((error) =>
          expect(error.code, operation).not.toBe("internal")
        );
        for (const event of house.events(from)) expect(known, operation).toContain(event.type);
      }
    });

    test("leaves nothing when what is made with it fails", async () => {
      await refusalOf(
        house.commands.createPipeline({ elements: [...before, one, one, { type: "Fragile" }] }),
      );
      expect(house.plane.counts).toEqual(nothing);
      expect(house.events()).toEqual([]);
    });

    test("leaves nothing when its own start is not written", async () => {
      house.fault.commit = new Error("disk full");
      await refusalOf(house.commands.createPipeline({ elements: [...before, one] }));
      expect(house.plane.counts).toEqual(nothing);
      expect(house.clock.pending).toBe(1);
    });

    test("goes without a trace", async () => {
      const element = await create();
      const { id, pipelineId } = element;
      const other = (await createBeside(element)).id;
      if (padsOf(definition).length > 0) await house.commands.connect({ source: id, sink: other });
      await house.commands.releaseElement(id);
      const left = house.commands.getPipeline(pipelineId);
      expect(left.connections).toEqual([]);
      expect(left.elements.filter((each) => each.type === type).map((each) => each.id)).toEqual([other]);
      await house.commands.releasePipeline(pipelineId);
      await house.quiet();
      expect(house.plane.counts).toEqual(nothing);
      expect(house.store.load()).toEqual({ pipelines: [], elements: [], connections: [], sessions: [] });
      // The plane's own timer is the only one left.
      expect(house.clock.pending).toBe(1);
    });
  },
);
