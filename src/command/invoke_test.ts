import { afterEach, beforeEach, expect, test } from "vitest";
import { offers, openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";
import { Slow } from "../../test/kit/odd_elements.ts";

let house: TestHouse;
let [endpoint, slow] = ["", ""];
beforeEach(async () => {
  house = await openHouse({ definitions: [Slow] });
  const view = await house.commands.createPipeline({
    elements: [{ type: "WebRtcEndpoint" }, { type: "Slow" }],
  });
  [endpoint, slow] = view.elements.map(({ id }) => id);
});
afterEach(() => house.close());

const errorOf = (id: string, operation: string, input: unknown = {}) =>
  refusalOf(house.commands.invoke(id, operation, input));

test("an operation gives its result and its events", async () => {
  const answer = await house.commands.invoke(endpoint, "processOffer", { offer: offers.publish });
  expect(answer).toMatch(/^v=0/);
  expect(house.events().at(-1)).toMatchObject({ type: "MediaSessionStarted", elementId: endpoint });
  expect(await house.commands.invoke(endpoint, "getLocalSessionDescriptor", undefined)).toBe(answer);
});

test("a body that does not fit is refused with its pointers", async () => {
  const error = await errorOf(endpoint, "processOffer", { offer: 7, extra: 1 });
  expect(error.code).toBe("body_invalid");
  expect(error.fields.map(({ pointer }) => pointer)).toEqual(["/offer", "/extra"]);
});

test.each(["dance", "constructor", "__proto__", ""])("%j is no operation", async (name) => {
  expect((await errorOf(endpoint, name)).code).toBe("operation_not_found");
});

test("an element that is not there is not found", async () => {
  expect((await errorOf("x", "processOffer")).code).toBe("element_not_found");
});

test("what goes wrong inside an element stays inside", async () => {
  const error = await errorOf(slow, "fail");
  expect(error).toBeInstanceOf(TypeError);
  expect(await house.commands.invoke(endpoint, "isMediaFlowingOut", { mediaType: "AUDIO" })).toBe(false);
});
