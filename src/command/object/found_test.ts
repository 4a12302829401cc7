import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { Jack, PatchBay } from "../../../test/kit/patch_bay.ts";
import { serverObjectId } from "../mod.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [PatchBay, Jack] })));
afterEach(() => house.close());

test("every object is described with its type and its place", async () => {
  const { id, elements: [bay, tap, jack] } = await house.commands.createPipeline({
    elements: [
      { type: "PatchBay", name: "bay" },
      { type: "PassThrough" },
      { type: "Jack", options: { hub: "bay" } },
    ],
  });
  const second = await house.commands.createPipeline({});
  const places = [serverObjectId, id, bay.id, jack.id, tap.id].map((objectId) => {
    const { definition, parentId, pipelineId, childIds } = house.commands.describeObject(objectId);
    return [definition.type, parentId, pipelineId, childIds];
  });
  expect(places).toEqual([
    ["ServerManager", null, null, [id, second.id]],
    ["MediaPipeline", null, id, [bay.id, tap.id]],
    ["PatchBay", id, id, [jack.id]],
    ["Jack", bay.id, id, []],
    ["PassThrough", id, id, []],
  ]);
  expect(house.commands.pipelineIds()).toEqual([id, second.id]);
});

test("looking at one of thousands takes no longer than at one of few", async () => {
  const large = await openHouse({ settings: { maxElementsPerPipeline: 3000 } });
  const pipelineOf = async (count: number) =>
    (await large.commands.createPipeline({
      elements: Array.from({ length: count }, () => ({ type: "PassThrough" })),
    })).elements[0].id;
  const [few, thousands] = [await pipelineOf(3), await pipelineOf(3000)];
  const timeOf = (id: string) => {
    const startedMs = performance.now();
    for (let i = 0; i < 3000; i++) large.commands.describeObject(id);
    return performance.now() - startedMs;
  };
  timeOf(few);
  expect(timeOf(thousands)).toBeLessThan(timeOf(few) * 10 + 20);
  await large.close();
});

test("an id of nobody, and one of a connection, is the id of no object", async () => {
  const { connections: [link] } = await house.commands.createPipeline({
    elements: [{ type: "PassThrough", name: "a" }, { type: "PassThrough", name: "b" }],
    connections: [{ source: "a", sink: "b" }],
  });
  for (const id of ["x", "", "__proto__", link.id]) {
    expect((await refusalOf(() => house.commands.describeObject(id))).code).toBe("element_not_found");
    expect((await refusalOf(house.commands.invoke(id, "getTags", {}))).code).toBe("element_not_found");
  }
});
