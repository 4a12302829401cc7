import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sdpOffer } from "../kit/sdp_offer.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let strict: TestServer;
beforeAll(async () => {
  const iceServers = "stun:stun.example:3478,user:password@turn:turn.example:3478?transport=udp";
  server = await startServer({ env: { KASKADO_ICE_SERVERS: iceServers } });
  strict = await startServer({ env: { KASKADO_STRICT: "true" } });
});
afterAll(async () => {
  await server?.stop();
  await strict?.stop();
});

const offer = sdpOffer({
  sections: [{ kind: "audio", direction: "sendonly" }, { kind: "video", direction: "sendonly" }],
});
const sdp = { "Content-Type": "application/sdp" };

async function ask(url: string, method: string, headers: Record<string, string> = {}, body?: string) {
  const response = await fetch(url, { method, headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function open(at: TestServer): Promise<{ url: string; etag: string }> {
  const { status, headers } = await ask(`${at.baseUrl}/whip/demo`, "POST", sdp, offer);
  expect(status).toBe(201);
  return { url: at.baseUrl + headers.get("Location"), etag: headers.get("ETag")! };
}

function patch({ url }: { url: string }, headers: Record<string, string>, lines: string[]) {
  const type = { "Content-Type": "application/trickle-ice-sdpfrag" };
  return ask(url, "PATCH", { ...type, ...headers }, lines.map((line) => line + "\r\n").join(""));
}

const credentials = [
  "a=ice-ufrag:kitu",
  "a=ice-pwd:abcdefghijklmnopqrstuvwx",
  "m=audio 9 RTP/AVP 0",
  "a=mid:0",
];

test("item 3: whatever is no offer is refused with a 4xx, never with 406", async () => {
  const manyLines = offer + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(7000);
  await open(server);
  for (const path of ["/whip/demo", "/whep/demo"]) {
    for (const body of ["garbage", "v=0\r\n", manyLines]) {
      const answer = await ask(server.baseUrl + path, "POST", sdp, body);
      expect([400, 422]).toContain(answer.status);
      expect(JSON.parse(answer.text).code).toMatch(/^sdp_/);
    }
    expect((await ask(server.baseUrl + path, "POST", sdp, "v=0\r\n".repeat(200_000))).status).toBe(413);
  }
});

test("item 18: a stream that nobody publishes is 409 with Retry-After, and is not made by asking", async () => {
  const { status, headers } = await ask(`${server.baseUrl}/whep/nobody`, "POST", sdp, offer);
  expect(status).toBe(409);
  expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(JSON.parse((await ask(`${server.baseUrl}/v1/pipelines?name=nobody`, "GET")).text).items).toEqual([]);
});

test("item 23: each ICE server of the settings has a Link line of its own", async () => {
  const socket = connect(Number(new URL(server.baseUrl).port), "127.0.0.1");
  const head =
    "POST /whip/links HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/sdp\r\n";
  socket.write(`${head}Content-Length: ${offer.length}\r\n\r\n${offer}`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  const lines = text.split("\r\n").filter((line) => /^link:/i.test(line)).map((line) => line.slice(6));
  expect(lines).toEqual([
    '<stun:stun.example:3478>; rel="ice-server"',
    '<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="user"; credential="password"; ' +
    'credential-type="password"',
  ]);
});

test("item 21: elements' endpoints are open to pages of other origins, and to peers without the API's rules", async () => {
  const { text } = await ask(
    `${server.baseUrl}/v1/pipelines`,
    "POST",
    { "Content-Type": "application/json" },
    JSON.stringify({ elements: [{ type: "WebRtcEndpoint", name: "in" }] }),
  );
  const endpoint = `${server.baseUrl}/v1/elements/${JSON.parse(text).elements[0].id}/whip`;
  const preflight = { Origin: "https://page.example", "Access-Control-Request-Method": "POST" };
  expect((await ask(endpoint, "OPTIONS", preflight)).headers.get("Access-Control-Allow-Origin")).toBe("*");
  const opened = await ask(endpoint, "POST", { ...sdp, Origin: "https://page.example" }, offer);
  expect(opened.status).toBe(201);
  const session = server.baseUrl + opened.headers.get("Location");
  expect(session.startsWith(`${endpoint}/`)).toBe(true);
  expect((await ask(session, "DELETE")).status).toBe(200);
});

test("item 28: strict, PATCH without If-Match is 428 and with a stale one 412; tolerant, it may be left out", async () => {
  const held = await open(strict);
  expect((await patch(held, {}, credentials)).status).toBe(428);
  expect((await patch(held, { "If-Match": '"stale"' }, credentials)).status).toBe(412);
  expect((await patch(held, { "If-Match": held.etag }, credentials)).status).toBe(204);
  expect((await patch(await open(server), {}, credentials)).status).toBe(204);
});

test("item 30: candidates that cannot be reached are dropped in silence, with 204", async () => {
  for (const at of [server, strict]) {
    const session = await open(at);
    const candidates = [
      "candidate:1 1 udp 2122260223 0b0e6f5e-54cf-4b53-9d50-6a3d0b7f7f10.local 50000 typ host",
      "candidate:2 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
      "candidate:3 1 sctp 1 192.0.2.7 9 typ host",
      "candidate:4 2 udp 1 224.0.0.1 70000 typ unknown",
    ];
    const lines = [...credentials, ...candidates.map((text) => `a=${text}`), "a=end-of-candidates"];
    const { status, text, headers } = await patch(session, { "If-Match": session.etag }, lines);
    expect([status, text, headers.get("ETag")]).toEqual([204, "", null]);
  }
});

test("item 34: of two restarts at the same time with the same ETag one is made", async () => {
  const session = await open(strict);
  const restart = (ufrag: string) =>
    patch(session, { "If-Match": session.etag }, [`a=ice-ufrag:${ufrag}`, ...credentials.slice(1)]);
  const answers = await Promise.all([restart("first"), restart("second")]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
});
