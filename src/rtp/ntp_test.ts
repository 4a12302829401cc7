import { expect, test } from "vitest";
import { compactDeltaSeconds, compactNtp, ntpFraction, ntpSeconds, ntpToMs } from "./ntp.ts";

test("the Unix epoch is 2208988800 s after the NTP epoch, and half a second is half the fraction", () => {
  expect([ntpSeconds(0), ntpFraction(0)]).toEqual([2_208_988_800, 0]);
  expect([ntpSeconds(1500), ntpFraction(1500)]).toEqual([2_208_988_801, 0x80000000]);
});

test("a time goes through NTP and back within a microsecond", () => {
  for (const nowMs of [0, 1.25, 1_700_000_000_123.456, Date.UTC(2035, 0, 1) + 0.999]) {
    expect(Math.abs(ntpToMs(ntpSeconds(nowMs), ntpFraction(nowMs)) - nowMs)).toBeLessThan(0.001);
  }
});

test("the era that begins in February 2036 is read as such", () => {
  const nowMs = Date.UTC(2036, 1, 8);
  expect(ntpSeconds(nowMs)).toBeLessThan(2 ** 31);
  expect(ntpToMs(ntpSeconds(nowMs), ntpFraction(nowMs))).toBe(nowMs);
});

test("the round trip of RFC 3550 figure 2 comes out as 6.125 s", () => {
  const lastSenderReport = compactNtp(0xb44d_b705, 0x2000_0000);
  expect(lastSenderReport).toBe(0xb705_2000);
  const [arrival, delay] = [0xb710_8000, 0x0005_4000];
  expect(compactDeltaSeconds(arrival, (lastSenderReport + delay) >>> 0)).toBe(6.125);
});

test("a compact difference is signed and survives the wrap", () => {
  expect(compactDeltaSeconds(0x0000_8000, 0xffff_8000)).toBe(1);
  expect(compactDeltaSeconds(0xffff_8000, 0x0000_8000)).toBe(-1);
});
