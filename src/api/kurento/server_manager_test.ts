import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";

const manager = "manager_ServerManager";
let open: TestDoor;
let client: DoorClient;

beforeEach(async () => {
  open = await openDoor({ house: { metadata: '{"rack":5}' } });
  client = open.client();
});
afterEach(() => open.close());

test("the server is an object like others", async () => {
  expect(await client.call("describe", { object: manager })).toMatchObject({
    type: "ServerManager",
    qualifiedType: "kurento.ServerManager",
    hierarchy: ["kurento.MediaObject"],
  });
  expect(await client.invoke(manager, "getId")).toBe(manager);
});

test("info has every module, with the classes that are not abstract", async () => {
  const info = await client.invoke(manager, "getInfo");
  expect(info).toMatchObject({
    __module__: "kurento",
    __type__: "ServerInfo",
    type: "KMS",
    capabilities: ["transactions"],
    version: expect.stringMatching(/^7\.\d+\.\d+/),
  });
  const named = Object.fromEntries(info.modules.map((each: { name: string }) => [each.name, each]));
  expect(Object.keys(named)).toEqual(expect.arrayContaining(["core", "elements", "filters", "chroma"]));
  expect(named.core.__type__).toBe("ModuleInfo");
  expect(named.core.factories).toEqual(expect.arrayContaining(["MediaPipeline", "PassThrough", "HubPort"]));
  expect(named.core.factories).not.toContain("MediaElement");
  expect(named.elements.factories).toContain("WebRtcEndpoint");
});

test("pipelines, and sessions without blanks", async () => {
  const object = await client.create("MediaPipeline");
  const { sessionId } = await client.call("ping");
  expect(await client.invoke(manager, "getPipelines")).toEqual([object]);
  expect(await client.invoke(manager, "getSessions")).toEqual([sessionId]);
});

test("whoever looks at the pipelines keeps none alive", async () => {
  await client.create("MediaPipeline");
  const watcher = open.client();
  await watcher.invoke(manager, "getPipelines");
  await client.call("closeSession", {});
  expect(await watcher.invoke(manager, "getPipelines")).toEqual([]);
});

test("metadata, memory, processors, and the load over a while", async () => {
  expect(await client.invoke(manager, "getMetadata")).toBe('{"rack":5}');
  expect(await client.invoke(manager, "getUsedMemory")).toBeGreaterThan(10_000);
  expect(await client.invoke(manager, "getCpuCount")).toBeGreaterThanOrEqual(1);
  const load = client.invoke(manager, "getUsedCpu", { interval: 200 });
  await open.house.quiet();
  open.house.clock.advance(200);
  expect(await load).toBeGreaterThanOrEqual(0);
});

test("the interface description of a module, and of none", async () => {
  const text = await client.invoke(manager, "getKmd", { moduleName: "core" });
  const names = JSON.parse(text).remoteClasses.map((each: { name: string }) => each.name);
  expect(names).toContain("MediaPipeline");
  const request = { object: manager, operation: "getKmd", operationParams: { moduleName: "nothing" } };
  expect(await client.refusal("invoke", request)).toMatchObject({ code: 40500, data: { type: "UNDEFINED" } });
});

test("the server is named and tagged, and its own tags go with its events where it wants that", async () => {
  await client.invoke(manager, "setName", { name: "north" });
  await client.invoke(manager, "addTag", { key: "rack", value: "5" });
  expect(await client.invoke(manager, "getName")).toBe("north");
  expect(await client.invoke(manager, "getTag", { key: "rack" })).toBe("5");
  await client.call("subscribe", { object: manager, type: "ObjectCreated" });
  await client.create("MediaPipeline");
  await client.invoke(manager, "setSendTagsInEvents", { sendTagsInEvents: true });
  const pipeline = await client.create("MediaPipeline");
  await client.invoke(pipeline, "addTag", { key: "of", value: "the pipeline" });
  const told = client.events("ObjectCreated").map(({ data }) => data.tags);
  expect(told).toEqual([[], [{ __module__: "kurento", __type__: "Tag", key: "rack", value: "5" }]]);
});
