import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";

let open: TestDoor;
let client: DoorClient;
beforeEach(async () => {
  open = await openDoor();
  client = open.client();
});
afterEach(() => open.close());

const name = (object: string, to: string) => client.invoke(object, "setName", { name: to });

test("objects may share a name, and each keeps its own when another loses it", async () => {
  await open.house.commands.createPipeline({ name: "studio" });
  const [one, two] = [await client.create("MediaPipeline"), await client.create("MediaPipeline")];
  const elements = [];
  for (const mediaPipeline of [one, one, two]) {
    elements.push(await client.create("PassThrough", { mediaPipeline }));
  }
  for (const object of [one, two, ...elements]) await name(object, "studio");
  await name(one, elements[0].split("/")[1].slice(0, 36));
  await name(one, "studio");
  await client.call("release", { object: elements[0] });
  await name(elements[2], "other");
  const names = [];
  for (const object of [one, two, elements[1], elements[2]]) {
    names.push(await client.invoke(object, "getName"));
  }
  expect(names).toEqual(["studio", "studio", "studio", "other"]);
  await client.call("release", { object: one });
  expect(await client.invoke(two, "getName")).toBe("studio");
});

test("where REST made the pipeline, a name is still had by one element of it", async () => {
  const { id, elements } = await open.house.commands.createPipeline({
    elements: [{ type: "PassThrough", name: "camera" }, { type: "PassThrough" }],
  });
  const object = elements[1].id;
  const refused = { object, operation: "setName", operationParams: { name: "camera" } };
  expect((await client.refusal("invoke", refused)).code).toBe(40107);
  await open.house.commands.createPipeline({ name: "studio" });
  expect(
    (await client.refusal("invoke", { ...refused, object: id, operationParams: { name: "studio" } })).code,
  )
    .toBe(40107);
});
