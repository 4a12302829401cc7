import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type JsonRpc, openJsonRpc } from "../kit/json_rpc.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { KASKADO_KURENTO_MAX_CONNECTIONS: "3" } });
});
afterAll(() => server?.stop());

const open = () => openJsonRpc(server.baseUrl);

/** A handshake written by hand. */
function shakeHands(path = "/kurento"): Socket {
  const { hostname, port } = new URL(server.baseUrl);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write([
    `GET ${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ].join("\r\n"));
  return socket;
}

/** What comes back until it has `end` in it: it may come in pieces. */
function answerTo(socket: Socket, end = "\r\n\r\n"): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      if (text.includes(end)) resolve(text);
    });
  });
}

/** The same for a client that goes then. */
async function firstAnswer(path: string): Promise<string> {
  const socket = shakeHands(path);
  const answer = await answerTo(socket);
  socket.destroy();
  return answer;
}

/** A client that gets in, as soon as there is room. */
async function openInTime(): Promise<JsonRpc> {
  for (let round = 0; round < 400; round++) {
    const client = await open().catch(() => null);
    if (client) return client;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Cannot get in within 20 s");
}

test("a connection beyond the limit is refused with a problem, and those that are open go on", async () => {
  const clients = [await open(), await open(), await open()];
  const refused = shakeHands();
  const answer = await answerTo(refused, "}");
  refused.destroy();
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(answer).toMatch(/content-type: application\/problem\+json/i);
  expect(answer).toMatch(/retry-after: 10/i);
  expect(answer).toContain('"code":"limit_reached"');
  expect(answer).toContain("KASKADO_KURENTO_MAX_CONNECTIONS");
  for (const client of clients) {
    expect(await client.request("ping")).toMatchObject({ result: { value: "pong" } });
  }
  expect((await fetch(`${server.baseUrl}/v1/server`)).status).toBe(200);
  clients[1].close();
  clients[1] = await openInTime();
  await expect(open()).rejects.toThrow();
  clients.forEach((client) => client.close());
});

test("connections that end in or after the handshake, at any path, take no room for good", async () => {
  for (let round = 0; round < 12; round++) {
    const sockets = Array.from({ length: 4 }, (_, n) => shakeHands(n % 2 ? "/kurento" : "/elsewhere"));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    // Half of them before the server has answered.
    if (round % 2) await new Promise((resolve) => sockets[0].once("data", resolve));
    for (const socket of sockets) socket.resetAndDestroy();
  }
  const clients = [await openInTime(), await openInTime(), await openInTime()];
  clients.forEach((client) => client.close());
});

test("clients of a wrong path that stay are bounded too, and take no room from the others", async () => {
  const strays: Socket[] = [];
  for (let answer = ""; !answer.startsWith("HTTP/1.1 404 ");) {
    expect(strays.length).toBeLessThan(200);
    const stray = shakeHands("/elsewhere");
    answer = await answerTo(stray);
    strays.push(stray);
  }
  (await openInTime()).close();
  for (const stray of strays) stray.destroy();
  await expect.poll(() => firstAnswer("/elsewhere"), { timeout: 20_000 }).toMatch(/^HTTP\/1.1 101 /);
});
