import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import type { Edit } from "./types.ts";

let house: TestHouse;
let id: string;
beforeEach(async () => {
  house = await openHouse();
  const view = await house.commands.createPipeline({
    elements: [{ type: "WebRtcEndpoint", name: "a", tags: { x: "1" } }, { type: "PassThrough", name: "b" }],
  });
  id = view.elements[0].id;
});
afterEach(() => house.close());

test("name, properties and tags change together, and the version grows", async () => {
  const view = await house.commands.editElement(id, {
    name: "camera",
    properties: { maxVideoRecvBandwidth: 500, sendTagsInEvents: true },
    tags: { x: null, y: "2" },
  });
  expect(view).toMatchObject({ name: "camera", tags: { y: "2" }, version: 2 });
  expect(view.properties).toMatchObject({ maxVideoRecvBandwidth: 500, maxAudioRecvBandwidth: 0 });
  expect(house.store.load().elements[0]).toMatchObject({
    properties: { maxVideoRecvBandwidth: 500, sendTagsInEvents: true },
  });
  expect(house.events().at(-1)).toMatchObject({ type: "ElementChanged", tags: [{ key: "y", value: "2" }] });
});

test("a stale version is refused, the present one is taken", async () => {
  await house.commands.editElement(id, { name: "c" }, { ifVersion: 1 });
  const refusal = await refusalOf(house.commands.editElement(id, { name: "d" }, { ifVersion: 1 }));
  expect(refusal.code).toBe("precondition_failed");
  expect(house.commands.getElement(id).name).toBe("c");
});

test("each refusal leaves the element as it was", async () => {
  const before = house.commands.getElement(id);
  const cases: [Edit, string, string[]][] = [
    [{ name: "b" }, "element_name_taken", []],
    [{ properties: { maxVideoRecvBandwidth: "fast" } }, "body_invalid", [
      "/properties/maxVideoRecvBandwidth",
    ]],
    [{ properties: { mediaState: "CONNECTED" } }, "property_read_only", ["/properties/mediaState"]],
    [{ properties: { nothing: 1 } }, "property_not_found", ["/properties/nothing"]],
  ];
  for (const [edit, code, pointers] of cases) {
    const error = await refusalOf(house.commands.editElement(id, edit));
    expect([error.code, error.fields.map(({ pointer }) => pointer)]).toEqual([code, pointers]);
  }
  expect((await refusalOf(house.commands.editElement("x", {}))).code).toBe("element_not_found");
  expect(house.commands.getElement(id)).toEqual(before);
});

test("a change that cannot be written is no change", async () => {
  house.fault.commit = new Error("disk full");
  await refusalOf(house.commands.editElement(id, { name: "c" }));
  expect(house.commands.getElement(id)).toMatchObject({ name: "a", version: 1 });
});
