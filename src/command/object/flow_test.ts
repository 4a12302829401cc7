import { afterEach, beforeEach, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../../test/kit/house.ts";
import { Puppet } from "../../../test/kit/odd_elements.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [Puppet] })));
afterEach(() => house.close());

test("media flows through the pad of the kind that carries packets", async () => {
  const { elements: [puppet, tap] } = await house.commands.createPipeline({
    elements: [{ type: "Puppet", name: "a" }, { type: "PassThrough", name: "b" }],
    connections: [{ source: "a", sink: "b" }],
  });
  const ask = (id: string, operation: string, input: object) => house.commands.invoke(id, operation, input);
  expect(await ask(puppet.id, "isMediaFlowingOut", { mediaType: "AUDIO" })).toBe(false);
  // Numbers are given in order: audio, then video of the only endpoint.
  house.plane.tell({ on: "sourceFormat", source: 1, codec: "OPUS", format: "opus" });
  house.plane.tell({ on: "sourceFlow", source: 1, flowing: true });
  await house.quiet();
  expect(await ask(puppet.id, "isMediaFlowingOut", { mediaType: "AUDIO" })).toBe(true);
  expect(await ask(puppet.id, "isMediaFlowingOut", { mediaType: "VIDEO" })).toBe(false);
  expect(await ask(tap.id, "isMediaFlowingIn", { mediaType: "AUDIO" })).toBe(true);
  expect(await ask(tap.id, "isMediaFlowingIn", { mediaType: "AUDIO", sinkMediaDescription: "left" })).toBe(
    false,
  );
  // A Puppet has no answers of its own, a PassThrough has.
  expect(await ask(puppet.id, "isMediaFlowingOut", { mediaType: "AUDIO", sourceMediaDescription: "left" }))
    .toBe(false);
  expect(await ask(tap.id, "isMediaTranscoding", { mediaType: "AUDIO" })).toBe(false);
});

test.each([
  ["isMediaFlowingIn", "MediaFlowingIn"],
  ["isMediaFlowingOut", "MediaFlowingOut"],
  ["isMediaTranscoding", "MediaTranscoding"],
])("%s is no question about DATA", async (operation, name) => {
  const { session } = await house.commands.openSession(request("whip", { stream: "demo" }));
  const refusal = await refusalOf(house.commands.invoke(session.elementId, operation, { mediaType: "DATA" }));
  expect(refusal.code).toBe("value_unacceptable");
  expect(refusal.message).toBe(`Media type DATA is not supported for ${name}`);
});
