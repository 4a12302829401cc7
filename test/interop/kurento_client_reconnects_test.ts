import { afterAll, beforeAll, expect, test } from "vitest";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { openTcpRelay, type TcpRelay } from "../kit/tcp_relay.ts";

let server: TestServer;
let relay: TcpRelay;
let client: KurentoClient;
beforeAll(async () => {
  server = await startServer();
  relay = await openTcpRelay(Number(new URL(server.baseUrl).port));
  client = await openKurentoClient(`ws://127.0.0.1:${relay.port}/kurento`);
});
afterAll(async () => {
  await client?.kill();
  await relay?.close();
  await server?.stop();
});

test("a client whose socket was cut comes back to its objects and its subscriptions", async () => {
  await client.create("pipeline", "MediaPipeline");
  const first = await client.create("first", "PassThrough", { mediaPipeline: "@pipeline" });
  await client.create("second", "PassThrough", { mediaPipeline: "@pipeline" });
  await client.on("first", "ElementConnected");
  // The client tells nobody when its subscription is there; requests are answered in order, so it is after this one.
  await client.call("first", "getName");
  relay.cut();
  expect(await client.event("client", "reconnected")).toMatchObject({ data: true });
  expect(await client.find("found", first)).toMatchObject({ object: first });
  await client.call("first", "connect", "@second");
  await client.event("first", "ElementConnected", ({ mediaType }) => mediaType === "AUDIO");
});
