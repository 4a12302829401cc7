import { expect, test } from "vitest";
import { openHouse, request } from "../../test/kit/house.ts";
import { allOf } from "../graph/mod.ts";
import { houseEvents } from "./house_events.ts";

test("every event of a busy life has a payload that is described", async () => {
  const house = await openHouse();
  const { session } = await house.commands.openSession(request("whip", { stream: "demo" }));
  await house.commands.openSession(request("whep", { stream: "demo" }, null));
  const viewer = await house.commands.openSession(request("whep", { stream: "demo" }));
  await house.commands.editPipeline(session.pipelineId, { tags: { a: "1" } });
  house.commands.editServer({ tags: { a: "1" } });
  await house.commands.editElement(session.elementId, { properties: { maxVideoRecvBandwidth: 1 } });
  house.plane.tell({ on: "sourceFormat", source: 2, codec: "VP8", format: "VP8" });
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  const [transport] = house.plane.open.transports;
  house.plane.tell({ on: "transportMedia", transport, active: true, reason: "first" });
  const [sender] = house.plane.open.senders.keys();
  house.plane.tell({ on: "senderFlow", sender, flowing: true }, {
    on: "formatMismatch",
    sender,
    codec: "H265",
  });
  await house.quiet();
  await house.commands.invoke(session.elementId, "gatherCandidates", {});
  await house.commands.closeSession(viewer.session.id);
  house.clock.advance(16_000);
  await house.quiet();
  await house.commands.releasePipeline(session.pipelineId);
  const known = { ...allOf(house.house.registry.get("WebRtcEndpoint"), "events"), ...houseEvents };
  const seen = new Set<string>();
  for (const event of house.events()) {
    seen.add(event.type);
    expect(known[event.type], event.type).toBeDefined();
    const parsed = known[event.type].strict().safeParse(event.data);
    expect(parsed.success, `${event.type}: ${JSON.stringify(event.data)}`).toBe(true);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([...Object.keys(houseEvents)].filter((name) => name !== "SessionStateChanged")),
  );
  await house.close();
});
