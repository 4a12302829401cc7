import { afterAll, beforeAll, expect, test } from "vitest";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer({ env: { KASKADO_KURENTO_GC_SECONDS: "1" } })));
afterAll(() => server?.stop());

const pipelineIds = async () =>
  (await restClient(server.baseUrl).get("/v1/pipelines")).body.items.map(({ id }: { id: string }) => id);

test("what only a vanished client held is collected; what others or REST hold stays", async () => {
  const rest = restClient(server.baseUrl);
  const [gone, stays] = [await openJsonRpc(server.baseUrl), await openJsonRpc(server.baseUrl)];
  const lost = await gone.value("create", { type: "MediaPipeline" });
  const shared = await gone.value("create", { type: "MediaPipeline" });
  await stays.value("describe", { object: shared });
  const { body: ours } = await rest.post("/v1/pipelines", { name: "by-rest" });
  await gone.value("describe", { object: `${ours.id}_kurento.MediaPipeline` });
  gone.close();
  const deadlineMs = performance.now() + 10_000;
  while ((await pipelineIds()).includes(lost.split("_")[0]) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await pipelineIds()).toEqual([shared.split("_")[0], ours.id]);
  // Far longer than the period: an open socket keeps its session.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  expect(await stays.value("invoke", { object: shared, operation: "getChildren" })).toEqual([]);
  stays.close();
});
