import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allOf, type Definition, type MediaKind } from "../../src/graph/mod.ts";
import { openHouse, openRegistry, refusalOf, type TestHouse } from "../kit/house.ts";
import { Fragile } from "../kit/odd_elements.ts";

/** What every element type owes the house, whoever wrote it. A new type needs no line here. */
const definitions = (await openRegistry()).all().filter((each) => !each.abstract);
const padsOf = (definition: Definition) => Object.keys(allOf(definition, "pads")) as MediaKind[];
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
    const create = async () => {
      const view = await house.commands.createPipeline({ elements: [{ type }] });
      return view.elements[0];
    };

    test("is made with defaults, and each property has a value that its schema knows", async () => {
      const { properties } = await create();
      for (const [name, { schema }] of Object.entries(allOf(definition, "properties"))) {
        expect(schema.safeParse(properties[name]).success, `${name}: ${JSON.stringify(properties[name])}`)
          .toBe(true);
      }
    });

    test("refuses unknown options and properties, by pointer, and leaves nothing", async () => {
      const unknown = { "x y": 1 };
      const options = await refusalOf(
        house.commands.createPipeline({ elements: [{ type, options: unknown }] }),
      );
      expect(options).toMatchObject({
        code: "body_invalid",
        fields: [{ pointer: "/elements/0/options/x y" }],
      });
      const properties = await refusalOf(
        house.commands.createPipeline({ elements: [{ type, properties: unknown }] }),
      );
      expect(properties).toMatchObject({
        code: "property_not_found",
        fields: [{ pointer: "/elements/0/properties/x y" }],
      });
      expect(house.plane.counts).toEqual(nothing);
      expect(house.commands.listPipelines({ limit: 1 }).items).toEqual([]);
    });

    test("takes each settable property's default back, and refuses to have others set", async () => {
      const { id, properties } = await create();
      for (const [name, spec] of Object.entries(allOf(definition, "properties"))) {
        const edit = house.commands.editElement(id, { properties: { [name]: properties[name] } });
        if (spec.access === "readWrite") expect((await edit).properties[name]).toEqual(properties[name]);
        else expect((await refusalOf(edit)).code).toBe("property_read_only");
      }
    });

    test("is linked by each pad, in both directions, and by no pad that it has not", async () => {
      const { id, pipelineId } = await create();
      const other = (await house.commands.createElement(pipelineId, { type })).id;
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
          "pad_not_found",
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
      await refusalOf(house.commands.createPipeline({ elements: [{ type }, { type }, { type: "Fragile" }] }));
      expect(house.plane.counts).toEqual(nothing);
      expect(house.events()).toEqual([]);
    });

    test("leaves nothing when its own start is not written", async () => {
      house.fault.commit = new Error("disk full");
      await refusalOf(house.commands.createPipeline({ elements: [{ type }] }));
      expect(house.plane.counts).toEqual(nothing);
      expect(house.clock.pending).toBe(1);
    });

    test("goes without a trace", async () => {
      const { id, pipelineId } = await create();
      const other = (await house.commands.createElement(pipelineId, { type })).id;
      if (padsOf(definition).length > 0) await house.commands.connect({ source: id, sink: other });
      await house.commands.releaseElement(id);
      expect(house.commands.getPipeline(pipelineId)).toMatchObject({
        elements: [{ id: other }],
        connections: [],
      });
      await house.commands.releasePipeline(pipelineId);
      await house.quiet();
      expect(house.plane.counts).toEqual(nothing);
      expect(house.store.load()).toEqual({ pipelines: [], elements: [], connections: [], sessions: [] });
      // The plane's own timer is the only one left.
      expect(house.clock.pending).toBe(1);
    });
  },
);
