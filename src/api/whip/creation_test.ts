import { describe, expect, test } from "vitest";
import { AppError, type ErrorCode } from "../../base/mod.ts";
import { answer, offer } from "../../../test/kit/fake_sessions.ts";
import { WhipDoor } from "../../../test/kit/whip_door.ts";

const uuidV4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const elementId = "0b0e6f5e-54cf-4b53-9d50-6a3d0b7f7f10";
const endpoints = [
  "/whip/demo",
  "/whep/demo",
  `/v1/elements/${elementId}/whip`,
  `/v1/elements/${elementId}/whep`,
];

describe.each(endpoints)("POST %s", (path) => {
  test("item 1: an offer is answered by 201 with the answer, its type and the session's URL", async () => {
    const door = new WhipDoor();
    const response = await door.post(path, { "Content-Type": "Application/SDP; charset=utf-8" });
    expect(response.status).toBe(201);
    expect(response.headers.get("Content-Type")).toBe("application/sdp");
    expect(response.headers.get("Location")).toMatch(new RegExp(`^${path}/${uuidV4}$`));
    expect(await response.text()).toBe(answer);
    expect(door.sessions.requests[0]).toMatchObject({
      kind: path.includes("whip") ? "whip" : "whep",
      place: path.startsWith("/v1") ? { elementId } : { stream: "demo" },
      offer,
      remoteAddress: "127.0.0.1",
    });
  });

  test("item 2: any other content type is refused with 415, a missing one too", async () => {
    const door = new WhipDoor();
    for (const type of ["application/json", "text/plain", "application/trickle-ice-sdpfrag", ""]) {
      expect((await door.post(path, { "Content-Type": type })).status).toBe(415);
    }
    expect(door.sessions.requests).toHaveLength(0);
  });

  test("item 3: a malformed or unacceptable offer is refused with 400 or 422, never with 406", async () => {
    const door = new WhipDoor();
    const statuses: Partial<Record<ErrorCode, number>> = {
      sdp_invalid: 400,
      sdp_unacceptable: 422,
      codec_mismatch: 422,
    };
    for (const [code, status] of Object.entries(statuses)) {
      door.sessions.refusal = new AppError(code as ErrorCode, "Cannot answer the offer: it is bad");
      const response = await door.post(path, {}, "garbage");
      expect(response.status).toBe(status);
      expect(response.headers.get("Location")).toBeNull();
    }
  });

  test("item 4: the 201 carries a strong quoted ETag", async () => {
    expect((await new WhipDoor().open(path)).etag).toBe('"ice1"');
  });
});

test("item 5: the Location is made of the session's random id, and the stream's name is encoded in it", async () => {
  const { location } = await new WhipDoor().open("/whip/caf%C3%A9%20%2F%20%3B%2C");
  expect(location).toMatch(new RegExp(`^/whip/caf%C3%A9%20%2F%20%3B%2C/${uuidV4}$`));
});

test("item 6: POST, PATCH and DELETE beyond the rate are refused with 429 and Retry-After, per address", async () => {
  const door = new WhipDoor({ rateLimit: { perAddressPerMinute: 60, burst: 3 } });
  const { location } = await door.open("/whip/demo");
  expect((await door.patch(location, {})).status).toBe(204);
  expect((await door.request("DELETE", location)).status).toBe(200);
  for (
    const refused of [door.post("/whip/demo"), door.patch(location, {}), door.request("DELETE", location)]
  ) {
    expect((await refused).status).toBe(429);
    expect((await refused).headers.get("Retry-After")).toBe("1");
  }
  expect((await door.request("GET", "/whip/demo")).status).toBe(204);
  door.peer = "192.0.2.1";
  expect((await door.post("/whip/demo")).status).toBe(201);
  door.peer = "127.0.0.1";
  door.clock.advance(1000);
  expect((await door.post("/whip/demo")).status).toBe(201);
});

test("item 7: a server that shuts down or is full refuses with 503 and Retry-After, and lets sessions end", async () => {
  let accepting = true;
  const door = new WhipDoor({ acceptingSessions: () => accepting });
  const { location } = await door.open("/whip/demo");
  door.sessions.refusal = new AppError("unavailable", "Cannot start a session: the server is full");
  expect((await door.post("/whep/demo")).headers.get("Retry-After")).toBe("5");
  accepting = false;
  const refused = await door.post("/whep/demo");
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  expect((await door.patch(location, {})).status).toBe(204);
  expect((await door.request("DELETE", location)).status).toBe(200);
});

test("item 7: nothing is ever redirected, a slash too many is 404", async () => {
  const door = new WhipDoor();
  for (const path of ["/whip/demo/", "/whip", "/whip/", "/whip/a/b/c"]) {
    expect((await door.post(path)).status).toBeGreaterThanOrEqual(404);
  }
});

test("item 14: errors are problem+json with a code, a detail and the request's id", async () => {
  const response = await new WhipDoor().post("/whip/demo", {
    "Content-Type": "text/plain",
    "X-Request-Id": "r-1",
  });
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(response.headers.get("X-Request-Id")).toBe("r-1");
  expect(await response.json()).toMatchObject({
    status: 415,
    code: "media_type_unsupported",
    detail: 'Cannot read the body: its type is "text/plain" vs application/sdp, set Content-Type',
  });
});

test("item 14: a body above the limit is refused with 413 and reaches nobody", async () => {
  const door = new WhipDoor({ maxOfferBytes: 1000 });
  expect((await door.post("/whip/demo", {}, "v".repeat(1001))).status).toBe(413);
  const { location } = await door.open("/whip/demo");
  expect((await door.patch(location, {}, "a=x\r\n".repeat(201))).status).toBe(413);
  expect(door.sessions.fragments).toHaveLength(0);
});

test("item 15: GET on endpoint and session is 204, on a session that is not there 404", async () => {
  const door = new WhipDoor();
  for (const path of endpoints) {
    const { location } = await door.open(path);
    for (const url of [path, location]) {
      const response = await door.request("GET", url);
      expect(response.status).toBe(204);
      expect(response.body).toBeNull();
    }
    expect((await door.request("GET", `${path}/${elementId}`)).status).toBe(404);
  }
});

test("item 15: a session is found at the place it was made at, and nowhere else", async () => {
  const door = new WhipDoor();
  const { location } = await door.open("/whip/demo");
  for (const other of ["/whip/other", "/whep/demo", `/v1/elements/${elementId}/whip`]) {
    const elsewhere = location.replace("/whip/demo", other);
    expect((await door.request("GET", elsewhere)).status).toBe(404);
    expect((await door.request("DELETE", elsewhere)).status).toBe(404);
    expect((await door.patch(elsewhere, {})).status).toBe(404);
  }
});

test("item 16: HEAD on a WHEP endpoint is 200 with the type it serves and no body", async () => {
  const door = new WhipDoor();
  const response = await door.request("HEAD", "/whep/demo");
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("application/sdp");
  expect(response.body).toBeNull();
  expect((await door.request("HEAD", "/whip/demo")).status).toBe(204);
});

test("item 17: an unsupported method is refused with 405 and Allow", async () => {
  const door = new WhipDoor();
  const { location } = await door.open("/whip/demo");
  for (const method of ["PUT", "DELETE", "PATCH", "constructor"]) {
    const response = await door.request(method, "/whip/demo");
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("POST, GET, HEAD, OPTIONS");
  }
  const onSession = await door.post(location);
  expect(onSession.status).toBe(405);
  expect(onSession.headers.get("Allow")).toBe("PATCH, DELETE, GET, HEAD, OPTIONS");
});

test("item 18: watching a stream that is not live is refused with 409 and Retry-After", async () => {
  const door = new WhipDoor();
  door.sessions.refusal = new AppError("stream_not_live", 'Cannot watch "demo": nobody publishes it now');
  const response = await door.post("/whep/demo");
  expect(response.status).toBe(409);
  expect(response.headers.get("Retry-After")).toBe("2");
});

test("item 19: a second publisher is let in, taking over is the stream's affair and no conflict", async () => {
  const door = new WhipDoor();
  const first = await door.open("/whip/demo");
  const second = await door.post("/whip/demo");
  expect(second.status).toBe(201);
  expect(second.headers.get("Location")).not.toBe(first.location);
});
