import { expect, test } from "vitest";
import { KurentoSocket } from "../kit/kurento_socket.ts";
import { startServer } from "../kit/server.ts";

test("a server that stops says so, and after it sessions and their pipelines are no more", async () => {
  const server = await startServer();
  const url = `${server.baseUrl.replace("http", "ws")}/kurento`;
  const client = await KurentoSocket.open(url);
  const pipeline = await client.create("MediaPipeline");
  const { sessionId } = await client.call("ping");
  const restPipeline = await (await fetch(`${server.baseUrl}/v1/pipelines`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  })).json();

  await server.restart();
  expect(await client.closed).toEqual({ code: 1001, reason: "The server is stopping" });

  const again = await KurentoSocket.open(url);
  await expect(again.call("connect", { sessionId })).rejects.toThrow("40007 Invalid session");
  await expect(again.call("describe", { object: pipeline })).rejects.toThrow(/^40101 /);
  const { result } = await again.ask(
    JSON.stringify({
      jsonrpc: "2.0",
      id: "p",
      method: "invoke",
      params: { object: "manager_ServerManager", operation: "getPipelines" },
    }),
    "p",
  );
  expect(result.value).toEqual([`${restPipeline.id}_kurento.MediaPipeline`]);
  await again.close();
  await server.stop();
});

test("what a client that vanished held is collected", async () => {
  const server = await startServer({ env: { KASKADO_KURENTO_GC_SECONDS: "1" } });
  const url = `${server.baseUrl.replace("http", "ws")}/kurento`;
  const stays = await KurentoSocket.open(url);
  const goes = await KurentoSocket.open(url);
  const kept = await stays.create("MediaPipeline");
  await goes.create("MediaPipeline");
  await goes.close();
  await expect.poll(() => stays.invoke("manager_ServerManager", "getPipelines"), { timeout: 5000 }).toEqual([
    kept,
  ]);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await stays.invoke("manager_ServerManager", "getPipelines")).toEqual([kept]);
  await stays.close();
  await server.stop();
});
