import { afterEach, beforeEach, expect, test } from "vitest";
import { offers, openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse()));
afterEach(() => house.close());

const publish = async () => (await house.commands.openSession(request("whip", { stream: "demo" }))).session;
const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code;
const candidate = "a=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r\n";
/** Credentials of the offer that `publish` sends stay; only candidates are new. */
const trickle =
  `${/a=ice-ufrag:.*/.exec(offers.publish)![0]}\r\n${/a=ice-pwd:.*/.exec(offers.publish)![0]}\r\n` +
  `m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n${candidate}`;
const restart =
  `a=ice-ufrag:next\r\na=ice-pwd:0123456789012345678901\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n${candidate}`;

test("a trickled candidate changes nothing that a client can see", async () => {
  const { id } = await publish();
  const { fragment, session } = await house.commands.patchSession(id, trickle);
  expect([fragment, session.iceGeneration]).toEqual([null, "1"]);
});

test("new credentials restart ICE, once per generation", async () => {
  const { id } = await publish();
  const { fragment, session } = await house.commands.patchSession(id, restart, { ifGeneration: "1" });
  expect(fragment).toContain("a=ice-ufrag:");
  expect(session.iceGeneration).toBe("2");
  expect(await codeOf(house.commands.patchSession(id, restart, { ifGeneration: "1" }))).toBe(
    "precondition_failed",
  );
  expect(house.commands.getSession(id).iceGeneration).toBe("2");
});

test("a fragment that cannot be read is refused and the session goes on", async () => {
  const { id } = await publish();
  expect(await codeOf(house.commands.patchSession(id, "what?"))).toBe("ice_fragment_invalid");
  expect(house.commands.getSession(id).state).toBe("connecting");
});

test("closing ends a session once, with its peer", async () => {
  const { id } = await publish();
  await house.commands.closeSession(id);
  expect(house.plane.counts).toMatchObject({ transports: 0, receivers: 0 });
  expect(await codeOf(house.commands.closeSession(id))).toBe("session_not_found");
  expect(await codeOf(house.commands.patchSession(id, trickle))).toBe("session_not_found");
  expect(house.events().filter(({ type }) => type === "SessionEnded")).toMatchObject([{
    data: { reason: "closed" },
  }]);
});

test("two who close one session at the same time both learn what is", async () => {
  const { id } = await publish();
  const outcomes = await Promise.allSettled([
    house.commands.closeSession(id),
    house.commands.closeSession(id),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});

test("a session whose end could not be written can be closed again", async () => {
  const { id } = await publish();
  house.fault.commit = new Error("disk full");
  await refusalOf(house.commands.closeSession(id));
  house.fault.commit = null;
  await house.commands.closeSession(id);
  expect(house.store.load().sessions).toEqual([]);
});

test("an answer is taken where one is owed, and nowhere else", async () => {
  const published = await publish();
  expect(await codeOf(house.commands.answerSession(published.id, offers.watch))).toBe("offer_not_generated");
  const { session, description } = await house.commands.openSession(
    request("whep", { stream: "demo" }, null),
  );
  expect(await codeOf(house.commands.answerSession(session.id, "garbage"))).toBe("sdp_invalid");
  expect(house.commands.getSession(session.id).state).toBe("counterOffered");
  await house.commands.answerSession(session.id, answerTo(description));
  expect(house.commands.getSession(session.id).state).toBe("connecting");
  expect(house.plane.counts.senders).toBe(2);
  expect(await codeOf(house.commands.answerSession(session.id, answerTo(description)))).toBe(
    "answer_processed",
  );
});

/** What a client would answer: the offer, seen from the other side. */
function answerTo(offer: string): string {
  return offer.replaceAll("a=sendonly", "a=recvonly").replaceAll("a=setup:actpass", "a=setup:active")
    .replace(/^a=(ssrc|ssrc-group|msid|candidate|end-of-candidates).*\r\n/gm, "");
}
