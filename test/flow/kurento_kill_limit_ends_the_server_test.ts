import { expect, test } from "vitest";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { startServer } from "../kit/server.ts";

test("a server above its kill limit ends in good order when the last pipeline is released", async () => {
  const server = await startServer({ env: { KASKADO_KILL_LIMIT: "0.000001" } });
  const client = await openJsonRpc(server.baseUrl);
  const [one, two] = [
    await client.value("create", { type: "MediaPipeline" }),
    await client.value("create", { type: "MediaPipeline" }),
  ];
  await client.value("release", { object: one });
  expect(await client.value("ping")).toBe("pong");
  client.send(JSON.stringify({ jsonrpc: "2.0", id: "last", method: "release", params: { object: two } }));
  expect(await client.closed).toEqual({ code: 1001, reason: "The server is stopping" });
  const isDown = () => fetch(`${server.baseUrl}/readyz`).then(() => false, () => true);
  await expect.poll(isDown, { timeout: 10_000 }).toBe(true);
  expect(server.log()).toContain("Reached KMS");
  // Where it is gone by now, this says how; any code but 0 fails.
  await server.stop().catch((error) => expect(error.message).toContain("ended by itself with code 0"));
});
