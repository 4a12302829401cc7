import { afterAll, beforeAll, expect, test } from "vitest";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const publishToken = "publish-0123456789";
const token = "control-0123456789";
let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    env: { KASKADO_API_TOKEN: token, KASKADO_PUBLISH_TOKEN: publishToken },
  });
});
afterAll(() => server?.stop());

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

test("with a token, the control API wants it from everybody, on every door", async () => {
  const rest = restClient(server.baseUrl);
  for (const path of ["/v1/pipelines", "/v1/server", "/v1/sessions", "/v1/events"]) {
    const naked = await rest.get(path);
    expect([path, naked.status, naked.headers.get("www-authenticate")]).toEqual([path, 401, "Bearer"]);
    expect((await rest.get(path, bearer("another token"))).status).toBe(401);
  }
  expect((await rest.get("/v1/pipelines", bearer(token))).status).toBe(200);
  expect((await rest.post("/v1/pipelines", {}, bearer(token))).status).toBe(201);
});

test("health, documents and the page need none; publishers need their own", async () => {
  const rest = restClient(server.baseUrl);
  for (const path of ["/healthz", "/readyz", "/openapi.json", "/docs", "/"]) {
    expect([path, (await rest.get(path)).status]).toEqual([path, 200]);
  }
  const publish = (headers: Record<string, string>) =>
    rest.post("/whip/demo", "v=0", { "content-type": "application/sdp", ...headers });
  expect((await publish({})).status).toBe(401);
  expect((await publish(bearer(token))).status).toBe(401);
  expect((await publish(bearer(publishToken))).status).toBe(422);
  const watch = await rest.post("/whep/demo", "v=0", { "content-type": "application/sdp" });
  expect(watch.status).toBe(409);
});
