import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
let pipelineId: string;
beforeEach(async () => {
  house = await openHouse({ settings: { maxElementsPerPipeline: 2 } });
  pipelineId = (await house.commands.createPipeline({ name: "p" })).id;
});
afterEach(() => house.close());

test("an element is there with its defaults, and followers hear of it", async () => {
  const view = await house.commands.createElement(pipelineId, { type: "WebRtcEndpoint" });
  expect(view).toMatchObject({ pipelineId, name: view.id, sessionId: null, version: 1 });
  expect(view.properties).toMatchObject({ maxVideoRecvBandwidth: 0, mediaState: "DISCONNECTED" });
  expect(house.commands.getElement(view.id)).toEqual(view);
  expect(house.events().at(-1)).toMatchObject({ type: "ObjectCreated", elementId: view.id });
  expect(house.commands.getPipeline(pipelineId).version).toBe(2);
});

test("each refusal leaves the pipeline as it was", async () => {
  await house.commands.createElement(pipelineId, { type: "PassThrough", name: "a" });
  const before = house.commands.getPipeline(pipelineId);
  const codeOf = async (id: string, input: Parameters<typeof house.commands.createElement>[1]) =>
    (await refusalOf(house.commands.createElement(id, input))).code;
  expect(await codeOf("nowhere", { type: "PassThrough" })).toBe("pipeline_not_found");
  expect(await codeOf(pipelineId, { type: "PassThrough", name: "a" })).toBe("element_name_taken");
  expect(await codeOf(pipelineId, { type: "PassThrough", options: { a: 1 } })).toBe("body_invalid");
  expect(house.commands.getPipeline(pipelineId)).toEqual(before);
  await house.commands.createElement(pipelineId, { type: "PassThrough", name: "b" });
  expect(await codeOf(pipelineId, { type: "PassThrough", name: "c" })).toBe("limit_reached");
});
