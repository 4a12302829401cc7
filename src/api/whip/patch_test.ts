import { describe, expect, test } from "vitest";
import { restart, trickle, WhipDoor } from "../../../test/kit/whip_door.ts";

const json = { "Content-Type": "application/json" };
const none: Record<string, string> = {};
const candidate = "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host";

describe.each([true, false])("strict: %s", (strict) => {
  test("item 26: a fragment is taken, another content type is refused with 415, a malformed one with 400", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    expect((await door.patch(location, { "If-Match": etag })).status).toBe(204);
    for (const type of ["text/plain", "application/sdp", ""]) {
      expect((await door.patch(location, { "If-Match": etag, "Content-Type": type })).status).toBe(415);
    }
    expect((await door.patch(location, { "If-Match": etag }, "garbage")).status).toBe(400);
  });

  test("item 27: both trickle and restart are supported, so neither is refused with 422", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    expect((await door.patch(location, { "If-Match": etag }, trickle)).status).toBe(204);
    expect((await door.patch(location, { "If-Match": "*" }, restart)).status).toBe(200);
  });

  test("item 28: an If-Match that is stale, weak or foreign is refused with 412", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    await door.patch(location, { "If-Match": "*" }, restart);
    for (const stale of [etag, `W/${etag}`, '"other"', "other"]) {
      expect((await door.patch(location, { "If-Match": stale })).status).toBe(412);
    }
    expect(door.sessions.fragments).toEqual([restart]);
  });

  test("item 29: a trickled candidate is acknowledged with 204, without a body and without an ETag", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    const response = await door.patch(location, { "If-Match": `"older", ${etag}` });
    expect(response.status).toBe(204);
    expect(response.body).toBeNull();
    expect(response.headers.has("ETag")).toBe(false);
    expect(door.sessions.fragments).toEqual([trickle]);
  });

  test("item 30: a candidate that cannot be used is still acknowledged with 204", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    const mdns = trickle.replace("192.0.2.7", "0b0e6f5e-54cf-4b53-9d50-6a3d0b7f7f10.local");
    expect((await door.patch(location, { "If-Match": etag }, mdns)).status).toBe(204);
  });

  test("item 31: a restart answers 200 with our fragment and a new ETag, the star quoted or not", async () => {
    for (const star of ["*", '"*"']) {
      const door = new WhipDoor({ strict });
      const { location, etag } = await door.open("/whip/demo");
      const response = await door.patch(location, { "If-Match": star }, restart);
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toBe("application/trickle-ice-sdpfrag");
      expect(await response.text()).toMatch(/^a=ice-ufrag:\S+\r\na=ice-pwd:/m);
      expect(response.headers.get("ETag")).toMatch(/^"[^"]+"$/);
      expect(response.headers.get("ETag")).not.toBe(etag);
    }
  });

  test("item 32: new credentials are a restart also when If-Match names the present ETag", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    expect((await door.patch(location, { "If-Match": etag }, restart)).status).toBe(200);
  });

  test("item 34: of two restarts that overlap and name the same ETag one is made", async () => {
    const door = new WhipDoor({ strict });
    const { location, etag } = await door.open("/whip/demo");
    const other = restart.replace("wxyz", "efgh");
    const responses = await Promise.all([
      door.patch(location, { "If-Match": etag }, restart),
      door.patch(location, { "If-Match": etag }, other),
    ]);
    expect(responses.map((response) => response.status).sort()).toEqual([200, 412]);
  });

  test("item 35: DELETE is 200 and does not look at If-Match", async () => {
    const door = new WhipDoor({ strict });
    const { location } = await door.open("/whip/demo");
    const response = await door.request("DELETE", location, { "If-Match": '"stale"' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  test("item 36: a session that was deleted is not there for any method", async () => {
    const door = new WhipDoor({ strict });
    const { location } = await door.open("/whip/demo");
    await door.request("DELETE", location);
    expect((await door.request("DELETE", location)).status).toBe(404);
    expect((await door.request("GET", location)).status).toBe(404);
    expect((await door.patch(location, { "If-Match": "*" })).status).toBe(404);
  });
});

test("item 28: strict, a PATCH without If-Match is refused with 428, whatever its ETag header says", async () => {
  const door = new WhipDoor({ strict: true });
  const { location, etag } = await door.open("/whip/demo");
  expect((await door.patch(location, {})).status).toBe(428);
  expect((await door.patch(location, { ETag: etag })).status).toBe(428);
});

test("item 28: tolerant, If-Match may be left out, unquoted, or sent as ETag", async () => {
  const door = new WhipDoor();
  const { location, etag } = await door.open("/whip/demo");
  const unquoted = etag.replaceAll('"', "");
  for (
    const headers of [none, { ETag: etag }, { ETag: "undefined" }, { "If-Match": unquoted }, {
      "If-Match": "",
    }]
  ) {
    expect((await door.patch(location, headers)).status).toBe(204);
  }
  expect((await door.patch(location, { ETag: '"stale"' })).status).toBe(412);
});

test("item 26: tolerant, candidates in JSON are understood, under their own type and under a fragment's", async () => {
  const door = new WhipDoor();
  const { location } = await door.open("/whip/demo");
  const body = JSON.stringify({ candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "wxyz" });
  for (const headers of [json, none]) {
    expect((await door.patch(location, headers, body)).status).toBe(204);
  }
  expect(door.sessions.fragments[1]).toContain(`a=${candidate}\r\n`);
  expect((await door.patch(location, json, "{")).status).toBe(400);
});

test("item 26: strict, JSON is refused", async () => {
  const door = new WhipDoor({ strict: true });
  const { location, etag } = await door.open("/whip/demo");
  expect((await door.patch(location, { "If-Match": etag, ...json }, "{}")).status).toBe(415);
  expect((await door.patch(location, { "If-Match": etag }, JSON.stringify({ candidate }))).status).toBe(400);
});
