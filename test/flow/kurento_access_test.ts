import { afterAll, beforeAll, expect, test } from "vitest";
import { freeTcpPort } from "../kit/free_port.ts";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { makeIdentity } from "../kit/tls_identity.ts";

const token = "control-0123456789";
let identity: Awaited<ReturnType<typeof makeIdentity>>;
let server: TestServer;
let tlsPort: number;
const registered = Promise.withResolvers<string>();
let registrar: Deno.HttpServer<Deno.NetAddr>;

beforeAll(async () => {
  identity = await makeIdentity();
  tlsPort = freeTcpPort();
  registrar = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => registered.resolve(data);
    return response;
  });
  server = await startServer({
    env: {
      KASKADO_API_TOKEN: token,
      KASKADO_TLS_PORT: String(tlsPort),
      KASKADO_TLS_CERTIFICATE: identity.certificate,
      KASKADO_TLS_KEY: identity.key,
      KASKADO_KURENTO_REGISTRAR: `ws://127.0.0.1:${registrar.addr.port}/registrar`,
      KASKADO_KURENTO_REGISTRAR_LOCAL_ADDRESS: "media.example",
    },
  });
});

afterAll(async () => {
  await server?.stop();
  await registrar?.shutdown();
  Deno.removeSync(identity.directory, { recursive: true });
});

const pong = { result: { value: "pong" } };

test("with a token nobody gets in without it, and it may stand in the header or the query", async () => {
  await expect(openJsonRpc(server.baseUrl)).rejects.toThrow();
  await expect(openJsonRpc(server.baseUrl, "/kurento?access_token=control-9876543210")).rejects.toThrow();
  const ways = [
    await openJsonRpc(server.baseUrl, `/kurento?access_token=${token}`),
    await openJsonRpc(server.baseUrl, "/kurento", { headers: { Authorization: `Bearer ${token}` } }),
  ];
  for (const client of ways) {
    expect(await client.request("ping")).toMatchObject(pong);
    client.close();
  }
});

test("all doors are served over TLS", async () => {
  using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(identity.certificate)] });
  const baseUrl = `https://localhost:${tlsPort}`;
  const response = await fetch(`${baseUrl}/readyz`, { client });
  expect(response.status).toBe(200);
  await response.body?.cancel();
  const socket = await openJsonRpc(baseUrl, `/kurento?access_token=${token}`, { client });
  expect(await socket.request("ping")).toMatchObject(pong);
  socket.close();
  await socket.closed;
});

test("the registrar is told where the server is, by TLS because there is TLS", async () => {
  expect(JSON.parse(await registered.promise)).toEqual({
    jsonrpc: "2.0",
    method: "register",
    params: { ws: `wss://media.example:${tlsPort}/kurento` },
  });
});
