import { expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import PassThrough from "./mod.ts";

test("it passes audio, video and data through and takes no options", () => {
  expect(PassThrough.pads).toEqual({ audio: "through", video: "through", data: "through" });
  expect(PassThrough.options.safeParse({ size: 1 }).success).toBe(false);
});

test("it tells whether media flows", () => {
  const { run } = bareElement(PassThrough);
  expect(run("isMediaFlowingIn", { mediaType: "AUDIO" })).toEqual({ result: true, actions: [] });
  expect(run("isMediaFlowingIn", { mediaType: "VIDEO" }).result).toBe(false);
  expect(run("isMediaFlowingOut", { mediaType: "AUDIO" }).result).toBe(false);
});
