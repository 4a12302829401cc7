import { expect, test } from "vitest";
import { openHouse, request } from "../../test/kit/house.ts";
import { endAllSessions } from "./shutdown.ts";

test("every session ends with BYE and an event, one that cannot does not keep the others", async () => {
  const house = await openHouse();
  await house.commands.openSession(request("whip", { stream: "one" }));
  await house.commands.openSession(request("whep", { stream: "one" }));
  const { session } = await house.commands.openSession(request("whip", { stream: "two" }));
  await Promise.all([house.commands.closeSession(session.id), endAllSessions(house.house)]);
  expect(house.plane.all("closeTransport").map(({ bye }) => bye)).toEqual([true, true, true]);
  expect(house.events().filter(({ type }) => type === "SessionEnded")).toHaveLength(3);
  expect(house.store.load().sessions).toEqual([]);
  expect(house.store.load().pipelines).toHaveLength(2);
  await house.close();
});
