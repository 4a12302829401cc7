import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
let id: string;
beforeEach(async () => {
  house = await openHouse();
  id = (await house.commands.createPipeline({ name: "one", tags: { x: "1" } })).id;
});
afterEach(() => house.close());

test("name, properties and tags change together, and the version grows", async () => {
  const view = await house.commands.editPipeline(id, {
    name: "two",
    properties: { sendTagsInEvents: true },
    tags: { y: "2" },
  });
  expect(view).toMatchObject({ name: "two", tags: { x: "1", y: "2" }, version: 2 });
  expect(house.store.load().pipelines[0]).toMatchObject({
    name: "two",
    properties: { sendTagsInEvents: true },
  });
  expect(house.events().at(-1)).toMatchObject({ type: "PipelineChanged", data: { name: "two" } });
});

test("each refusal leaves the pipeline as it was", async () => {
  await house.commands.createPipeline({ name: "taken" });
  const before = house.commands.getPipeline(id);
  const codeOf = async (edit: object, ifVersion?: number) =>
    (await refusalOf(house.commands.editPipeline(id, edit, { ifVersion }))).code;
  expect(await codeOf({ name: "taken" })).toBe("pipeline_name_taken");
  expect(await codeOf({ name: ".." })).toBe("body_invalid");
  expect(await codeOf({ properties: { x: 1 } })).toBe("body_invalid");
  expect(await codeOf({ name: "new" }, 7)).toBe("precondition_failed");
  expect((await refusalOf(house.commands.editPipeline("x", {}))).code).toBe("pipeline_not_found");
  expect(house.commands.getPipeline(id)).toEqual(before);
});

test("a pipeline keeps its own name", async () => {
  expect((await house.commands.editPipeline(id, { name: "one" })).version).toBe(2);
});
