import { expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import HubPort from "./mod.ts";

test("it needs a hub, and its pads are what the hub routes", () => {
  expect(HubPort.pads).toEqual({ audio: "port", video: "port", data: "port" });
  expect(HubPort.options.safeParse({}).success).toBe(false);
});

test("it tells whether media flows", () => {
  const { run } = bareElement(HubPort, { hub: "h" });
  expect(run("isMediaFlowingIn", { mediaType: "AUDIO" }).result).toBe(true);
  expect(run("isMediaFlowingOut", { mediaType: "AUDIO" }).result).toBe(false);
});
