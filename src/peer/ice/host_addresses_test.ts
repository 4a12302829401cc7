import { expect, test } from "vitest";
import { AppError } from "../../base/mod.ts";
import { hostAddresses } from "./host_addresses.ts";

const none = { networkInterfaces: [], externalIPv4: "", externalIPv6: "" };
const entry = (address: string) => ({ address, family: address.includes(":") ? "IPv6" : "IPv4" });
const interfaces = (() => ({
  lo: [entry("127.0.0.1"), entry("::1")],
  eth0: [entry("10.0.0.1"), entry("fe80::1"), entry("2001:db8::1")],
  eth1: [entry("10.0.1.1")],
})) as never;
const announced = ["10.0.0.1", "10.0.1.1", "2001:db8::1", "127.0.0.1"];

test("what the server announces holds where nothing else is wanted", () => {
  expect(hostAddresses(announced, none, interfaces)).toEqual(announced);
});

test("wanted interfaces give their addresses, in the order of the names, without link-local ones", () => {
  const wish = { ...none, networkInterfaces: ["eth1", "eth0", "eth9"] };
  expect(hostAddresses(announced, wish, interfaces)).toEqual(["10.0.1.1", "10.0.0.1", "2001:db8::1"]);
});

test("interfaces that nobody has are refused with those that there are", () => {
  const wish = { ...none, networkInterfaces: ["eth9"] };
  const gathering = () => hostAddresses(announced, wish, interfaces);
  expect(gathering).toThrow(AppError);
  expect(gathering).toThrow("Cannot gather candidates: no address on eth9 vs the interfaces lo, eth0, eth1");
});

test("external addresses stand for their family, once, and never for loopback", () => {
  const wish = { ...none, externalIPv4: "203.0.113.1" };
  expect(hostAddresses(announced, wish, interfaces)).toEqual(["203.0.113.1", "2001:db8::1", "127.0.0.1"]);
  const both = { ...wish, externalIPv6: "2001:db8:ffff::1" };
  expect(hostAddresses(announced, both, interfaces)).toEqual([
    "203.0.113.1",
    "2001:db8:ffff::1",
    "127.0.0.1",
  ]);
});
