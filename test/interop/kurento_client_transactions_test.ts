import { afterAll, beforeAll, expect, test } from "vitest";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
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

test("a transaction makes objects and works on those that it has just made, in one request", async () => {
  const [pipeline, one, two] = await client.transaction([
    { create: "MediaPipeline", as: "pipeline" },
    { create: "WebRtcEndpoint", params: { mediaPipeline: "@pipeline" }, as: "one" },
    { create: "PassThrough", params: { mediaPipeline: "@pipeline" }, as: "two" },
    // connect would go out by itself: this client loses the transaction on the way through its own connect.
    { object: "one", call: "addTag", args: ["made", "at once"] },
  ]);
  expect([pipeline.type, one.type, two.type]).toEqual(["MediaPipeline", "WebRtcEndpoint", "PassThrough"]);
  expect(await client.call("one", "getTag", "made")).toBe("at once");
  await client.call("pipeline", "release");
});

test("a step that fails fails the transaction, and what was made before it stays until it is released", async () => {
  await client.create("kept", "MediaPipeline");
  await expect(client.transaction([
    { create: "PassThrough", params: { mediaPipeline: "@kept" }, as: "made" },
    { create: "Composite", params: { mediaPipeline: "@kept" }, as: "refused" },
  ])).rejects.toMatchObject({ code: 40108 });
  expect(await client.call("kept", "getChildren")).toMatchObject([{ type: "PassThrough" }]);
  await client.call("kept", "release");
});
