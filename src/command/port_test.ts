import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import { Jack, PatchBay } from "../../test/kit/patch_bay.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [PatchBay, Jack] })));
afterEach(() => house.close());

const jack = (name: string, hub: string) => ({ type: "Jack", name, options: { hub } });

test("a port belongs to the hub that its options name by id", async () => {
  const { id, elements: [hub] } = await house.commands.createPipeline({ elements: [{ type: "PatchBay" }] });
  expect(hub.parentId).toBeNull();
  const port = await house.commands.createElement(id, jack("port", hub.id));
  expect(port).toMatchObject({ parentId: hub.id, options: { hub: hub.id } });
  expect(house.commands.getElement(port.id)).toEqual(port);
  expect(house.commands.describeObject(hub.id).childIds).toEqual([port.id]);
});

test("a whole graph names hubs by name, and its ports stand behind their hubs", async () => {
  const view = await house.commands.createPipeline({
    elements: [jack("one", "bay"), { type: "PatchBay", name: "bay" }, jack("two", "bay")],
    connections: [{ source: "one", sink: "two" }],
  });
  const [bay] = view.elements;
  expect(view.elements.map(({ name, parentId }) => [name, parentId])).toEqual([
    ["bay", null],
    ["one", bay.id],
    ["two", bay.id],
  ]);
  expect(house.store.load().elements.map(({ name, parentId }) => [name, parentId])).toEqual(
    view.elements.map(({ name, parentId }) => [name, parentId]),
  );
});

test("ports come back with their hubs after a restart", async () => {
  const { id, elements } = await house.commands.createPipeline({
    elements: [{ type: "PatchBay", name: "bay" }, jack("one", "bay")],
  });
  const after = await openHouse({ store: house.store, definitions: [PatchBay, Jack] });
  expect(after.commands.getPipeline(id).elements).toEqual(elements);
});

test("releasing a hub releases its ports, in the rows too", async () => {
  const { elements: [bay, one] } = await house.commands.createPipeline({
    elements: [{ type: "PatchBay", name: "bay" }, jack("one", "bay")],
  });
  const from = house.store.events.newest();
  await house.commands.releaseElement(bay.id);
  expect((await refusalOf(() => house.commands.getElement(one.id))).code).toBe("element_not_found");
  expect(house.store.load().elements).toEqual([]);
  const gone = house.events(from).map(({ type, elementId }) => [type, elementId]);
  expect(gone).toEqual(expect.arrayContaining([["ObjectDestroyed", one.id], ["ObjectDestroyed", bay.id]]));
});

test("a pipeline with hubs is released whole", async () => {
  const { id } = await house.commands.createPipeline({
    elements: [{ type: "PatchBay", name: "bay" }, jack("one", "bay")],
  });
  await house.commands.releasePipeline(id);
  expect(house.store.load()).toMatchObject({ pipelines: [], elements: [] });
});

test("what is no hub of the pipeline is refused, at the field that names it", async () => {
  const { id, elements: [element] } = await house.commands.createPipeline({
    elements: [{ type: "PassThrough" }],
  });
  const other = await house.commands.createPipeline({ elements: [{ type: "PatchBay" }] });
  const refusals = await Promise.all(
    ["nobody", element.id, other.elements[0].id].map((hub) =>
      refusalOf(house.commands.createElement(id, { type: "Jack", options: { hub } }))
    ),
  );
  expect(refusals.map(({ code }) => code)).toEqual([
    "element_not_found",
    "object_kind_mismatch",
    "pipelines_differ",
  ]);
  expect(refusals.map(({ fields }) => fields[0].pointer)).toEqual(Array(3).fill("/options/hub"));
  const whole = await refusalOf(
    house.commands.createPipeline({ elements: [{ type: "PassThrough" }, jack("a", "nobody")] }),
  );
  expect([whole.code, whole.fields[0].pointer]).toEqual(["element_not_found", "/elements/1/options/hub"]);
  expect(house.commands.pipelineIds()).toEqual([id, other.id]);
});
