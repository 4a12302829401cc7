import { expect, test } from "vitest";
import { flowOperations } from "./flow_operations.ts";
import type { ElementContext } from "./instance.ts";

const context = { flowing: (direction, media) => direction === "in" && media === "video" } as ElementContext;
const { isMediaFlowingIn, isMediaFlowingOut } = flowOperations(context);
const ask = (handler: typeof isMediaFlowingIn, question: Record<string, string>) =>
  (handler(question as never) as { result: boolean }).result;

test("the flow of a kind is told by direction", () => {
  expect(ask(isMediaFlowingIn, { mediaType: "VIDEO", sinkMediaDescription: "default" })).toBe(true);
  expect(ask(isMediaFlowingIn, { mediaType: "AUDIO", sinkMediaDescription: "default" })).toBe(false);
  expect(ask(isMediaFlowingOut, { mediaType: "VIDEO", sourceMediaDescription: "default" })).toBe(false);
});

test("nothing flows at a pad that is not there", () => {
  expect(ask(isMediaFlowingIn, { mediaType: "VIDEO", sinkMediaDescription: "other" })).toBe(false);
});

test("messages have no flow", () => {
  expect(() => ask(isMediaFlowingOut, { mediaType: "DATA" })).toThrow(
    expect.objectContaining({
      code: "value_unacceptable",
      message: "Media type DATA is not supported for MediaFlowingOut",
    }),
  );
});
