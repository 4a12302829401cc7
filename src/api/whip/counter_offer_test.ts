import { expect, test } from "vitest";
import { answer as ourOffer } from "../../../test/kit/fake_sessions.ts";
import { WhipDoor } from "../../../test/kit/whip_door.ts";

const none: Record<string, string> = {};
const sdp = { "Content-Type": "application/sdp" };

test("item 39: an empty POST to WHEP is answered by 406 with our offer, valid for 30 s", async () => {
  const door = new WhipDoor({ strict: true });
  for (const headers of [none, { "Content-Length": "0" }, sdp]) {
    const response = await door.request("POST", "/whep/demo", headers);
    expect(response.status).toBe(406);
    const [type, parameter] = (response.headers.get("Content-Type") ?? "").split("; ");
    expect(type).toBe("application/sdp");
    const validUntil = /^valid-until="(.+ GMT)"$/.exec(parameter)?.[1] ?? "";
    expect(Date.parse(validUntil)).toBe(Math.floor((door.clock.now() + 30_000) / 1000) * 1000);
    expect(response.headers.get("Location")).toMatch(/^\/whep\/demo\/[\w-]{36}$/);
    expect(await response.text()).toBe(ourOffer);
  }
});

test("item 39: the answer comes by PATCH and is acknowledged with 204, a second one refused with 422", async () => {
  const door = new WhipDoor({ strict: true });
  const location = (await door.request("POST", "/whep/demo")).headers.get("Location") ?? "";
  expect((await door.patch(location, sdp, "garbage")).status).toBe(400);
  const taken = await door.patch(location, sdp, "v=0\r\n");
  expect(taken.status).toBe(204);
  expect(taken.body).toBeNull();
  expect(door.sessions.answers).toEqual(["v=0\r\n"]);
  expect((await door.patch(location, sdp, "v=0\r\n")).status).toBe(422);
});

test("item 39: an answer where none is expected is refused with 422", async () => {
  const door = new WhipDoor();
  const { location } = await door.open("/whep/demo");
  expect((await door.patch(location, sdp, "v=0\r\n")).status).toBe(422);
});

test("item 39: an empty POST to WHIP, or where counter-offers are switched off, is a missing offer", async () => {
  expect((await new WhipDoor().request("POST", "/whip/demo")).status).toBe(415);
  expect((await new WhipDoor({ counterOffer: "never" }).request("POST", "/whep/demo")).status).toBe(415);
});

test("item 40: a player that offers gets 201 and never a counter-offer", async () => {
  expect((await new WhipDoor().post("/whep/demo")).status).toBe(201);
});
