import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server?.stop());

const open = (path?: string, options?: object) => openJsonRpc(server.baseUrl, path, options);
const pong = { result: { value: "pong" } };

/** The first bytes that come back for an HTTP request written by hand. */
function handshake(headers: string[], path = "/kurento"): Promise<string> {
  const { hostname, port } = new URL(server.baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write([`GET ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, ...headers, "", ""].join("\r\n"));
    });
    socket.once("data", (bytes: Buffer) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("malformed JSON, then a good request on the same socket", async () => {
  const client = await open();
  client.send("{nonsense");
  expect(await client.next()).toEqual({
    error: { code: -32700, message: "Parse error." },
    id: null,
    jsonrpc: "2.0",
  });
  expect(await client.request("ping", { interval: 5000 })).toMatchObject(pong);
  client.close();
});

test("a graph is built, heard of and released, and REST sees it too", async () => {
  const client = await open();
  await client.value("subscribe", { object: "manager_ServerManager", type: "ObjectDestroyed" });
  const pipeline = await client.value("create", { type: "MediaPipeline" });
  const endpoint = { type: "WebRtcEndpoint", constructorParams: { mediaPipeline: pipeline } };
  const [source, sink] = await Promise.all([
    client.value("create", endpoint),
    client.value("create", endpoint),
  ]);
  await client.value("subscribe", { object: source, type: "ElementConnected" });
  await client.value("invoke", { object: source, operation: "connect", operationParams: { sink } });
  expect((await client.next()).params.value).toMatchObject({ type: "ElementConnected", data: { sink } });
  const shown = await (await fetch(`${server.baseUrl}/v1/pipelines/${pipeline.slice(0, 36)}`)).json();
  expect(shown).toMatchObject({ origin: "kurento", elements: [{}, {}] });
  await client.value("release", { object: pipeline });
  for (const objectId of [source, sink, pipeline]) {
    await client.next(({ params }) => params?.value.data.objectId === objectId);
  }
  client.close();
});

test("an id of the wrong class is refused and hurts nobody", async () => {
  const client = await open();
  const create = (type: string, constructorParams: object) =>
    client.value("create", { type, constructorParams });
  const pipeline = await create("MediaPipeline", {});
  const element = await create("PassThrough", { mediaPipeline: pipeline });
  const connect = { object: element, operation: "connect", operationParams: { sink: pipeline } };
  await expect(client.value("invoke", connect)).rejects.toThrow(/^40107 /);
  await expect(create("PassThrough", { mediaPipeline: element })).rejects.toThrow(/^40107 /);
  await expect(create("HubPort", { hub: element })).rejects.toThrow(/^40107 /);
  await client.value("release", { object: pipeline });
  client.close();
});

describe("the handshake", () => {
  test("for a wrong path is completed and then closed with 1002", async () => {
    for (const path of ["/kurent", "/kurento/", "/v1/pipelines", "/"]) {
      const client = await open(path);
      expect([path, await client.closed]).toEqual([path, { code: 1002, reason: "Invalid path" }]);
    }
  });

  test("a query is no part of the path, and pages of any origin may connect", async () => {
    const client = await open("/kurento?access_token=any", {
      headers: { Origin: "https://tutorial.example" },
    });
    expect(await client.request("ping")).toMatchObject(pong);
    client.close();
  });

  test("without a key is a 500, which health checks wait for", async () => {
    const headers = ["Connection: Upgrade", "Upgrade: websocket"];
    expect(await handshake(headers)).toMatch(/^HTTP\/1.1 500 /);
  });

  test("a plain request is told to upgrade", async () => {
    const response = await fetch(`${server.baseUrl}/kurento`);
    expect([response.status, response.headers.get("upgrade")]).toEqual([426, "websocket"]);
    await response.body?.cancel();
  });

  test("that was addressed to a name that only resolves to this machine is refused", async () => {
    const { port } = new URL(server.baseUrl);
    const socket = await new Promise<string>((resolve) => {
      const raw = connect(Number(port), "127.0.0.1", () => {
        const headers = [
          "Host: rebound.example",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ];
        raw.write(["GET /kurento HTTP/1.1", ...headers, "", ""].join("\r\n"));
      });
      raw.once("data", (bytes: Buffer) => {
        resolve(bytes.toString());
        raw.destroy();
      });
    });
    expect(socket).toMatch(/^HTTP\/1.1 403 /);
  });
});

test("requests in binary messages are answered, as Kurento's own client for Node needs it", async () => {
  const client = await open();
  client.send(new TextEncoder().encode('{"jsonrpc":"2.0","id":"b","method":"ping"}'));
  expect(await client.next()).toMatchObject({ id: "b", ...pong });
  client.send(new Uint8Array([0xff, 0xfe]));
  expect(await client.next()).toMatchObject({ id: null, error: { code: -32700 } });
  client.close();
});

test("messages beyond all reason end their own connection and no other", async () => {
  const [long, other] = await Promise.all([1, 2].map(() => open()));
  long.send(" ".repeat(2_000_000));
  expect((await long.closed).code).toBe(1009);
  expect(await other.request("ping")).toMatchObject(pong);
  other.close();
});

test("a client that does not read is closed, and the others do not notice", async () => {
  const { hostname, port } = new URL(server.baseUrl);
  const deaf = connect(Number(port), hostname);
  const ended = new Promise((resolve) => deaf.once("close", resolve));
  deaf.write([
    "GET /kurento HTTP/1.1",
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ].join("\r\n"));
  deaf.pause();
  const kmd = {
    object: "manager_ServerManager",
    operation: "getKmd",
    operationParams: { moduleName: "core" },
  };
  const request = Buffer.from(JSON.stringify({ jsonrpc: "2.0", method: "invoke", params: kmd, id: 1 }));
  // Sixteen bits of length, and a mask of zeros (RFC 6455 section 5.2).
  const frame = Buffer.concat([
    Buffer.from([0x81, 0xfe, request.length >> 8, request.length & 255, 0, 0, 0, 0]),
    request,
  ]);
  const other = await open();
  const rssBefore = server.rssBytes();
  for (let n = 0; n < 1500 && !deaf.destroyed; n++) {
    deaf.write(frame);
    if (n % 100 === 0) expect(await other.request("ping")).toMatchObject(pong);
  }
  await expect.poll(() => server.log()).toContain("does not read");
  expect(server.rssBytes() - rssBefore).toBeLessThan(100e6);
  deaf.destroy();
  await ended;
  other.close();
});
