import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import { streamPipeline } from "./stream.ts";

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

test("a pipeline of Kurento's protocol takes any name, and no stream from the one that had it", async () => {
  const { createPipeline, editPipeline, listPipelines, releasePipeline } = house.commands;
  const early = (await createPipeline({ origin: "kurento", name: "studio" })).id;
  const owner = (await createPipeline({})).id;
  const late = (await createPipeline({ origin: "kurento", name: "studio" })).id;
  const refused = (work: Promise<unknown>) => refusalOf(work).then(({ code }) => code);
  expect(await refused(editPipeline(owner, { name: "studio" }))).toBe("pipeline_name_taken");
  expect(await refused(createPipeline({ name: "studio" }))).toBe("pipeline_name_taken");
  expect(streamPipeline(house.house, "studio")!.graph.pipeline.id).toBe(early);

  for (const each of [late, early]) await editPipeline(each, { name: "one" });
  const named = listPipelines({ name: "one", limit: 9 }).items.map((each) => each.id);
  expect(new Set(named)).toEqual(new Set([id, early, late]));
  await editPipeline(owner, { name: "studio" });
  await editPipeline(early, { name: "studio" });
  expect(streamPipeline(house.house, "studio")!.graph.pipeline.id).toBe(owner);
  await releasePipeline(owner);
  expect(streamPipeline(house.house, "studio")!.graph.pipeline.id).toBe(early);
  expect(house.store.load().pipelines.map(({ name }) => name)).toEqual(["one", "studio", "one"]);
});
