import { expect, test } from "vitest";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer } from "../kit/server.ts";

test("a server that stops says so, and after it sessions and their pipelines are no more", async () => {
  const server = await startServer();
  const client = await openJsonRpc(server.baseUrl);
  const { result } = await client.request("create", { type: "MediaPipeline" });
  const { body: ours } = await restClient(server.baseUrl).post("/v1/pipelines", {});

  await server.restart();
  expect(await client.closed).toEqual({ code: 1001, reason: "The server is stopping" });

  const again = await openJsonRpc(server.baseUrl);
  await expect(again.value("connect", { sessionId: result.sessionId })).rejects.toThrow(
    "40007 Invalid session",
  );
  await expect(again.value("describe", { object: result.value })).rejects.toThrow(/^40101 /);
  expect(await again.value("invoke", { object: "manager_ServerManager", operation: "getPipelines" })).toEqual(
    [
      `${ours.id}_kurento.MediaPipeline`,
    ],
  );
  again.close();
  await server.stop();
});
