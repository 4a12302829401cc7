import { afterAll, beforeAll, expect, test } from "vitest";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let client: KurentoClient;
beforeAll(async () => {
  server = await startServer();
  client = await openKurentoClient(`${server.baseUrl.replace("http", "ws")}/kurento`);
});
afterAll(async () => {
  await client?.kill();
  await server?.stop();
});

test("the client starts in strict mode and reads what the server is", async () => {
  const info = await client.call("manager", "getInfo");
  expect(info).toMatchObject({ type: "KMS", capabilities: ["transactions"] });
  expect(info.modules.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(["core", "elements", "filters"]),
  );
  expect(await client.call("manager", "getCpuCount")).toBe(navigator.hardwareConcurrency);
  expect(await client.call("manager", "getUsedMemory")).toBeGreaterThan(30_000);
  expect(await client.call("manager", "getUsedCpu", 200)).toBeGreaterThanOrEqual(0);
  expect(JSON.parse(await client.call("manager", "getKmd", "core"))).toMatchObject({ name: "core" });
  await expect(client.call("manager", "getKmd", "nowhere")).rejects.toMatchObject({ code: 40500 });
});

test("objects are made, named, tagged, found again and released, and events tell of it", async () => {
  await client.on("manager", "ObjectCreated");
  await client.on("manager", "ObjectDestroyed");
  const pipeline = await client.create("pipeline", "MediaPipeline");
  const endpoint = await client.create("endpoint", "WebRtcEndpoint", { mediaPipeline: "@pipeline" });
  expect(pipeline).toMatch(/^[0-9a-f-]{36}_kurento\.MediaPipeline$/);
  expect(endpoint).toMatch(new RegExp(`^${pipeline}/[0-9a-f-]{36}_kurento\\.WebRtcEndpoint$`));
  await client.event(
    "manager",
    "ObjectCreated",
    ({ object }) => object?.object === endpoint || object === endpoint,
  );
  expect(await client.call("endpoint", "getName")).toBe(endpoint);
  await client.call("endpoint", "setName", "front door");
  expect(await client.call("endpoint", "getName")).toBe("front door");
  await client.call("endpoint", "addTag", "b", "2");
  await client.call("endpoint", "addTag", "a", "1");
  expect(await client.call("endpoint", "getTag", "b")).toBe("2");
  expect(await client.call("endpoint", "getTags")).toMatchObject([{ key: "a", value: "1" }, {
    key: "b",
    value: "2",
  }]);
  await client.call("endpoint", "removeTag", "b");
  await expect(client.call("endpoint", "getTag", "b")).rejects.toMatchObject({ code: 40110 });
  expect(Math.abs(await client.call("endpoint", "getCreationTime") - Date.now() / 1000)).toBeLessThan(60);
  expect(await client.call("endpoint", "getParent")).toMatchObject({ object: pipeline });
  expect(await client.call("endpoint", "getMediaPipeline")).toMatchObject({ object: pipeline });
  expect(await client.call("pipeline", "getChildren")).toMatchObject([{ object: endpoint }]);
  expect(await client.find("again", endpoint)).toMatchObject({ object: endpoint, type: "WebRtcEndpoint" });
  await client.call("pipeline", "release");
  await client.event("manager", "ObjectDestroyed", ({ objectId }) => objectId === endpoint);
  await expect(client.find("gone", endpoint)).rejects.toMatchObject({ code: 40101 });
});

test("elements are connected by kinds, replaced silently, and asked about it", async () => {
  await client.create("line", "MediaPipeline");
  for (const name of ["first", "second", "sink"]) {
    await client.create(name, "PassThrough", { mediaPipeline: "@line" });
  }
  await client.on("first", "ElementConnected");
  await client.call("first", "connect", "@sink");
  expect((await client.call("sink", "getSourceConnections")).map(({ type }: { type: string }) => type).sort())
    .toEqual(["AUDIO", "DATA", "VIDEO"]);
  await client.event("first", "ElementConnected", ({ mediaType }) => mediaType === "VIDEO");
  await client.call("second", "connect", "@sink", "VIDEO");
  expect(await client.call("sink", "getSourceConnections", "VIDEO")).toMatchObject([
    { type: "VIDEO", sourceDescription: "default", sinkDescription: "default" },
  ]);
  expect(await client.call("second", "getSinkConnections")).toHaveLength(1);
  expect(await client.call("first", "getSinkConnections")).toHaveLength(2);
  await client.call("first", "disconnect", "@sink");
  expect(await client.call("first", "getSinkConnections")).toEqual([]);
  expect(await client.call("first", "isMediaFlowingIn", "VIDEO")).toBe(false);
  await expect(client.call("first", "isMediaFlowingIn", "DATA")).rejects.toMatchObject({ code: 40107 });
  expect(await client.call("first", "isMediaTranscoding", "VIDEO")).toBe(false);
  expect(await client.call("line", "getGstreamerDot")).toMatch(/^digraph/);
  expect(await client.call("first", "getGstreamerDot", "SHOW_ALL")).toMatch(/^digraph/);
  await client.create("other", "MediaPipeline");
  await client.create("stranger", "PassThrough", { mediaPipeline: "@other" });
  await expect(client.call("first", "connect", "@stranger")).rejects.toMatchObject({ code: 40004 });
  for (const name of ["line", "other"]) await client.call(name, "release");
});

test("what is described but not built refuses creation and says so; nothing pretends", async () => {
  await client.create("waiting", "MediaPipeline");
  await expect(client.create("mixer", "Composite", { mediaPipeline: "@waiting" })).rejects.toMatchObject({
    code: 40108,
  });
  await client.call("waiting", "release");
});

test("objects of the one door are objects of the other", async () => {
  const rest = restClient(server.baseUrl);
  const pipeline = await client.create("shared", "MediaPipeline");
  const endpoint = await client.create("seen", "WebRtcEndpoint", { mediaPipeline: "@shared" });
  const uuid = endpoint.split("/")[1].split("_")[0];
  const shown = await rest.get(`/v1/elements/${uuid}`);
  expect(shown.body).toMatchObject({ type: "WebRtcEndpoint", pipelineId: pipeline.split("_")[0] });
  const added = await rest.post(`/v1/pipelines/${pipeline.split("_")[0]}/elements`, { type: "PassThrough" });
  expect(added.status).toBe(201);
  expect(await client.call("shared", "getChildren")).toHaveLength(2);
  await rest.delete(`/v1/pipelines/${pipeline.split("_")[0]}`);
  await expect(client.call("seen", "getName")).rejects.toMatchObject({ code: 40101 });
});
