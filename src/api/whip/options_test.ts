import { expect, test } from "vitest";
import { connect } from "node:net";
import { WhipDoor } from "../../../test/kit/whip_door.ts";

const preflight = { "Origin": "https://page.example", "Access-Control-Request-Method": "POST" };
type Headers = Record<string, string>;
const none: Headers = {};
const listOf = (response: Response, header: string) => (response.headers.get(header) ?? "").split(", ");
const turn = { url: "turn:turn.example:3478?transport=udp", username: "user", credential: "pass" };
const iceServers = [{ url: "stun:stun.example:3478" }, turn];
const links = [
  '<stun:stun.example:3478>; rel="ice-server"',
  '<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="user"; credential="pass"; ' +
  'credential-type="password"',
];

test("item 20: OPTIONS is 200 and names what an endpoint and a session take", async () => {
  const door = new WhipDoor();
  const { location } = await door.open("/whep/demo");
  const onEndpoint = await door.request("OPTIONS", "/whep/demo");
  expect(onEndpoint.status).toBe(200);
  expect(onEndpoint.headers.get("Accept-Post")).toBe("application/sdp");
  expect(onEndpoint.headers.get("Allow")).toBe("POST, GET, HEAD, OPTIONS");
  const onSession = await door.request("OPTIONS", location);
  expect(onSession.status).toBe(200);
  expect(onSession.headers.get("Accept-Patch")).toBe("application/trickle-ice-sdpfrag, application/sdp");
});

test("item 21: a preflight succeeds without a token and allows what both protocols send", async () => {
  const door = new WhipDoor({ publishToken: "secret" });
  const response = await door.request("OPTIONS", "/whip/demo", preflight);
  expect(response.status).toBe(200);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(listOf(response, "Access-Control-Allow-Methods").sort())
    .toEqual(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST"]);
  expect(listOf(response, "Access-Control-Allow-Headers"))
    .toEqual(["Authorization", "Content-Type", "If-Match", "If-None-Match", "Link", "ETag"]);
});

test("item 21: pages may read the protocols' response headers, also of an error", async () => {
  const door = new WhipDoor({ publishToken: "secret", strict: true });
  for (const headers of [{ Authorization: "Bearer secret" }, none]) {
    const response = await door.post("/whip/demo", { Origin: "https://page.example", ...headers });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(listOf(response, "Access-Control-Expose-Headers"))
      .toEqual(["Location", "Link", "ETag", "Accept-Post", "Accept-Patch", "Retry-After"]);
  }
});

test("item 21: where origins are listed, others get no CORS header", async () => {
  const door = new WhipDoor({ corsOrigins: ["https://page.example"] });
  const listed = await door.post("/whip/demo", { Origin: "https://page.example" });
  expect(listed.headers.get("Access-Control-Allow-Origin")).toBe("https://page.example");
  expect(listed.headers.get("Vary")).toBe("Origin");
  const other = await door.post("/whip/demo", { Origin: "https://evil.example" });
  expect(other.headers.get("Access-Control-Allow-Origin")).toBeNull();
  const asked = await door.request("OPTIONS", "/whip/demo", { ...preflight, Origin: "https://evil.example" });
  expect(asked.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

test("item 22: with a token endpoint and session want it, and 401 says how", async () => {
  const door = new WhipDoor({ publishToken: "secret", watchToken: "other", strict: true });
  const bearer = { Authorization: "Bearer secret" };
  const { location } = await door.open("/whip/demo", bearer);
  for (const headers of [none, { Authorization: "Bearer other" }, { Authorization: "Basic c2VjcmV0" }]) {
    for (
      const refused of [
        door.post("/whip/demo", headers),
        door.request("GET", "/whip/demo", headers),
        door.patch(location, { "If-Match": "*", ...headers }),
        door.request("DELETE", location, headers),
      ]
    ) {
      expect((await refused).status).toBe(401);
      expect((await refused).headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    }
  }
  expect((await door.post("/whep/demo", bearer)).status).toBe(401);
  expect((await door.patch(location, { "If-Match": "*", ...bearer })).status).toBe(204);
  expect((await door.request("DELETE", location, bearer)).status).toBe(200);
});

test("item 22: the token may be in the URL, and the Location does not repeat it", async () => {
  const door = new WhipDoor({ publishToken: "secret", strict: true });
  const { location } = await door.open("/whip/demo?access_token=secret");
  expect(location).not.toContain("secret");
  expect((await door.request("DELETE", location)).status).toBe(401);
  expect((await door.request("DELETE", `${location}?access_token=wrong`)).status).toBe(401);
  expect((await door.request("DELETE", `${location}?access_token=secret`)).status).toBe(200);
});

test("item 22: without a token any Authorization is let pass, such as Eyevinn's Bearer undefined", async () => {
  const door = new WhipDoor({ strict: true });
  expect((await door.post("/whip/demo", { Authorization: "Bearer undefined" })).status).toBe(201);
});

test("item 22: tolerant, a session's URL is secret enough for PATCH and DELETE without Authorization", async () => {
  const door = new WhipDoor({ publishToken: "secret" });
  const { location } = await door.open("/whip/demo", { Authorization: "Bearer secret" });
  expect((await door.patch(location, {})).status).toBe(204);
  expect((await door.request("DELETE", location, { Authorization: "Bearer wrong" })).status).toBe(401);
  expect((await door.request("DELETE", location)).status).toBe(200);
  expect((await door.post("/whip/demo")).status).toBe(401);
});

/** The header lines of a response as they stand on the wire, where fetch would have joined them. */
async function linesOnWire(door: WhipDoor, request: string): Promise<string[]> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (r) => door.app.fetch(r));
  const socket = connect(server.addr.port, "127.0.0.1");
  socket.write(request);
  let text = "";
  for await (const chunk of socket) text += chunk;
  await server.shutdown();
  return text.split("\r\n\r\n")[0].split("\r\n");
}

test("item 23: the 201 names each ICE server in a Link line of its own", async () => {
  const head =
    "POST /whip/demo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/sdp\r\n";
  const lines = await linesOnWire(new WhipDoor({ iceServers }), `${head}Content-Length: 5\r\n\r\nv=0\r\n`);
  expect(lines[0]).toBe("HTTP/1.1 201 Created");
  expect(lines.filter((line) => /^link:/i.test(line)).map((line) => line.slice(6))).toEqual(links);
});

test("item 24: the same Links come with OPTIONS to those who may publish, and never with a preflight", async () => {
  const door = new WhipDoor({ iceServers, publishToken: "secret" });
  const authorised = { Authorization: "Bearer secret" };
  expect((await door.request("OPTIONS", "/whip/demo", authorised)).headers.get("Link")).toBe(
    links.join(", "),
  );
  expect((await door.request("OPTIONS", "/whip/demo")).headers.get("Link")).toBeNull();
  const asked = await door.request("OPTIONS", "/whip/demo", { ...preflight, ...authorised });
  expect(asked.headers.get("Link")).toBeNull();
});

test("item 25: no extension is announced, none is required, and unknown ones in a request are passed over", async () => {
  const unknown = { Link: '<https://x.example/e>; rel="urn:ietf:params:whip:ext:example"' };
  const response = await new WhipDoor({ iceServers, strict: true }).post("/whip/demo", unknown);
  expect(response.status).toBe(201);
  expect(response.headers.get("Link")).not.toContain("urn:ietf:params");
});
