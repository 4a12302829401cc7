import { afterAll, beforeAll, expect, test } from "vitest";
import { type KurentoClient, openKurentoClient } from "../kit/kurento_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { openTcpRelay, type TcpRelay } from "../kit/tcp_relay.ts";
import { continueUntil } from "../kit/until.ts";

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
  // The client tells nobody when its subscription is there. Answers may come in any order, but requests are begun in
  // that of their coming and to subscribe waits for nothing: once a later request is answered, it is done.
  await client.call("first", "getName");
  relay.cut();
  expect(await client.event("client", "reconnected")).toMatchObject({ data: true });
  expect(await client.find("found", first)).toMatchObject({ object: first });
  await client.call("first", "connect", "@second");
  await client.event("first", "ElementConnected", ({ mediaType }) => mediaType === "AUDIO");
});

test.each(["restarted", "killed and started again"])(
  "a client whose server was %s hears that its session is lost, and goes on with new objects",
  async (way) => {
    const lost = await client.create("lost", "MediaPipeline");
    client.events.length = 0;
    relay.hold();
    // This client gives up when a connection is refused: the relay takes it in while the server is away.
    if (way === "restarted") await server.restart();
    else {
      await server.kill();
      await server.restart();
    }
    await continueUntil("the client to come back", () => relay.waiting > 0);
    relay.pass();
    expect(await client.event("client", "reconnected")).toMatchObject({ data: false });
    await expect(client.call("lost", "getName")).rejects.toMatchObject({ code: 40101 });
    await expect(client.find("lost", lost)).rejects.toMatchObject({ code: 40101 });

    await client.create("pipeline", "MediaPipeline");
    for (const name of ["first", "second"]) {
      await client.create(name, "PassThrough", { mediaPipeline: "@pipeline" });
    }
    await client.on("first", "ElementConnected");
    await client.call("first", "connect", "@second");
    await client.event("first", "ElementConnected", ({ mediaType }) => mediaType === "VIDEO");
    expect(await client.call("pipeline", "getChildren")).toHaveLength(2);
    await client.call("pipeline", "release");
  },
);
