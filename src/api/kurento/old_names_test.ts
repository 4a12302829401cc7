import { expect, test } from "vitest";
import { currentAccess, currentEvent, withBothNames, withOldFields } from "./old_names.ts";

test.each([
  ["OnIceCandidate", "IceCandidateFound"],
  ["IceComponentStateChange", "IceComponentStateChanged"],
  ["MediaFlowInStateChange", "MediaFlowInStateChanged"],
  ["OnDataChannelOpened", "DataChannelOpened"],
  ["IceCandidateFound", "IceCandidateFound"],
  ["toString", "toString"],
])("event %s is %s now", (old, current) => expect(currentEvent(old)).toBe(current));

test.each([
  ["getChilds", {}, "getChildren", {}],
  ["setMaxOutputBitrate", { maxOutputBitrate: 5 }, "setMaxEncoderBitrate", { maxEncoderBitrate: 5 }],
  ["getOutputBitrate", {}, "getEncoderBitrate", {}],
  ["setExternalAddress", { externalAddress: "192.0.2.1" }, "setExternalIPv4", { externalIPv4: "192.0.2.1" }],
  ["setExternalAddress", { externalAddress: "2001:db8::1" }, "setExternalIPv6", {
    externalIPv6: "2001:db8::1",
  }],
  ["setName", { name: "a" }, "setName", { name: "a" }],
  ["get", {}, "get", {}],
  ["getConstructor", {}, "getConstructor", {}],
])("%s %j is %s %j now", (operation, params, current, renamed) => {
  expect(currentAccess(operation, params)).toEqual({ operation: current, params: renamed });
});

test("a candidate pair tells both names of its fields, and what was never renamed stays as it is", () => {
  expect(withBothNames("IceCandidatePair", { streamId: "0", componentId: 1 })).toEqual({
    streamId: "0",
    streamID: "0",
    componentId: 1,
    componentID: 1,
  });
  expect(withBothNames("IceConnection", { streamId: "0" })).toEqual({ streamId: "0" });
});

test("fields get their old names beside the new ones", () => {
  expect(withOldFields({ streamId: 0, state: "READY" })).toEqual({
    streamId: 0,
    streamID: 0,
    state: "READY",
  });
});
