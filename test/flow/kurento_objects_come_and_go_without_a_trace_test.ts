import { afterAll, beforeAll, expect, test } from "vitest";
import { type JsonRpc, openJsonRpc } from "../kit/json_rpc.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const CYCLES = 10_000;
/** Before them, until what is remembered is full and the heap has the size that such requests ask for. */
const WARM_CYCLES = 8000;
/** So much goes up and down by itself. */
const GROWTH = 1.15;
const AT_ONCE = 20;

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

async function cycle(rpc: JsonRpc): Promise<void> {
  const mediaPipeline = await rpc.value("create", { type: "MediaPipeline" });
  const object = await rpc.value("create", { type: "WebRtcEndpoint", constructorParams: { mediaPipeline } });
  await rpc.value("subscribe", { object, type: "MediaStateChanged" });
  await rpc.value("release", { object: mediaPipeline });
}

test("10 000 pipelines made and released leave memory as it was and nothing behind", async () => {
  const rpc = await openJsonRpc(server.baseUrl);
  let warmBytes = 0;
  for (let done = 0; done < WARM_CYCLES + CYCLES; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => cycle(rpc)));
    if (done + AT_ONCE === WARM_CYCLES) warmBytes = server.rssBytes();
  }
  expect(server.rssBytes() / warmBytes).toBeLessThan(GROWTH);
  const rest = restClient(server.baseUrl);
  expect((await rest.get("/v1/pipelines")).body.items).toEqual([]);
  expect((await rest.get("/v1/server")).body.load).toMatchObject({ pipelines: 0, elements: 0 });
  const manager = "manager_ServerManager";
  expect(await rpc.value("invoke", { object: manager, operation: "getPipelines" })).toEqual([]);
  expect(await rpc.value("invoke", { object: manager, operation: "getSessions" })).toHaveLength(1);
  rpc.close();
}, 300_000);

test("200 clients at once are served, each with objects and events of its own", async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => openJsonRpc(server.baseUrl)));
  const seen = await Promise.all(clients.map(async (rpc) => {
    const mediaPipeline = await rpc.value("create", { type: "MediaPipeline" });
    const [one, two] = [
      await rpc.value("create", { type: "PassThrough", constructorParams: { mediaPipeline } }),
      await rpc.value("create", { type: "PassThrough", constructorParams: { mediaPipeline } }),
    ];
    await rpc.value("subscribe", { object: one, type: "ElementConnected" });
    await rpc.value("invoke", {
      object: one,
      operation: "connect",
      operationParams: { sink: two, mediaType: "AUDIO" },
    });
    const { params } = await rpc.next(({ method }) => method === "onEvent");
    expect(params.value).toMatchObject({
      object: one,
      type: "ElementConnected",
      data: { source: one, sink: two },
    });
    await rpc.value("release", { object: mediaPipeline });
    return rpc.others.length;
  }));
  expect(seen).toEqual(seen.map(() => 0));
  clients.forEach((rpc) => rpc.close());
}, 60_000);
