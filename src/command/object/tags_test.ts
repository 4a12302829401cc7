import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";

let house: TestHouse;
let [pipelineId, elementId] = ["", ""];
beforeEach(async () => {
  house = await openHouse();
  const view = await house.commands.createPipeline({ elements: [{ type: "PassThrough" }] });
  [pipelineId, elementId] = [view.id, view.elements[0].id];
});
afterEach(() => house.close());

test.each(["pipeline", "element"])(
  "tags of a %s are set, replaced, read in order and removed",
  async (place) => {
    const id = place === "pipeline" ? pipelineId : elementId;
    const tell = (operation: string, input: object = {}) => house.commands.invoke(id, operation, input);
    await tell("addTag", { key: "b", value: "1" });
    await tell("addTag", { key: "a", value: "2" });
    await tell("addTag", { key: "b", value: "3" });
    expect(await tell("getTags")).toEqual([{ key: "a", value: "2" }, { key: "b", value: "3" }]);
    expect(await tell("getTag", { key: "b" })).toBe("3");
    expect(await tell("removeTag", { key: "b" })).toBeNull();
    const newest = house.store.events.newest();
    expect(await tell("removeTag", { key: "b" })).toBeNull();
    expect(house.store.events.newest()).toBe(newest);
    const refusal = await refusalOf(tell("getTag", { key: "b" }));
    expect([refusal.code, refusal.message]).toEqual(["tag_not_found", expect.stringContaining("are a")]);
    const rows = house.store.load();
    expect((place === "pipeline" ? rows.pipelines : rows.elements)[0].tags).toEqual({ a: "2" });
  },
);

test("names of the language are no tags", async () => {
  expect((await refusalOf(house.commands.invoke(elementId, "getTag", { key: "constructor" }))).code).toBe(
    "tag_not_found",
  );
});
