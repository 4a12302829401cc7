import { afterEach, beforeEach, expect, test } from "vitest";
import { defineElement, MediaElement } from "../../src/module/mod.ts";
import { openHouse, type TestHouse } from "../../test/kit/house.ts";
import { settleAll } from "./settle.ts";

/** Ends of the work that elements of the test have to complete, in the order in which they were asked. */
let works: PromiseWithResolvers<void>[];
const Writer = defineElement({
  type: "Writer",
  module: "test",
  extends: MediaElement,
  summary: "Has something to complete",
  create: () => ({
    settle: () => {
      const work = Promise.withResolvers<void>();
      works.push(work);
      return work.promise;
    },
  }),
});

let house: TestHouse;
beforeEach(async () => {
  works = [];
  house = await openHouse({ definitions: [Writer] });
});
afterEach(() => house.close());

const create = (...types: string[]) =>
  house.commands.createPipeline({ elements: types.map((type) => ({ type })) });
const pipelines = () => house.commands.listPipelines({ limit: 10 }).items.length;

test("an element, or a pipeline, goes when its elements have completed their work", async () => {
  const { id, elements } = await create("Writer", "Writer", "PassThrough");
  const one = house.commands.releaseElement(elements[0].id);
  await house.quiet();
  expect([works.length, house.commands.getPipeline(id).elements.length]).toEqual([1, 3]);
  works[0].resolve();
  await one;
  const whole = house.commands.releasePipeline(id);
  await house.quiet();
  expect([works.length, pipelines()]).toEqual([2, 1]);
  works[1].reject(new Error("the disk is on fire"));
  await whole;
  expect(pipelines()).toBe(0);
});

test("what takes too long goes unfinished", async () => {
  const { id } = await create("Writer");
  const released = house.commands.releasePipeline(id);
  await house.clock.advance(4000);
  await released;
  expect(pipelines()).toBe(0);
});

test("a release that is refused completes nothing", async () => {
  const { id } = await create("Writer");
  await expect(house.commands.releasePipeline(id, { ifVersion: 99 })).rejects.toThrow();
  expect(works).toEqual([]);
});

test("before the server stops all of it is completed", async () => {
  await create("Writer");
  await create("Writer");
  await create("PassThrough");
  const settled = settleAll(house.house);
  expect(works.length).toBe(2);
  for (const work of works) work.resolve();
  await settled;
});
